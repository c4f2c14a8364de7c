/** How long the Engine may stay silent. */
export interface EngineTimeout {
  readonly milliseconds: number;
  /** Resolves when the Engine answers a question: one that hangs may still answer pings. */
  readonly probe: () => Promise<unknown>;
}

/** The properties of a call that decide its timeout and retries. */
export interface CallKind {
  readonly method: string;
  /** Without an API version. */
  readonly path: string;
  /** It is answered by a stream, which may begin only after the Engine has done the work. */
  readonly isStream: boolean;
  /** It uploads a stream, which takes any time and cannot be sent again. */
  readonly isUpload: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Makes a call with a timeout and retries it when the connection is lost, if it is idempotent. A call that takes its
 * time (a build, a command, the end of a container) may stay silent for as long as the Engine answers others.
 *
 * @param send makes one attempt; its signal aborts on a timeout or by the call's own signal
 */
export async function withTimeoutAndRetry<Answer>(
  call: CallKind,
  timeout: EngineTimeout,
  send: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const quick = !call.isStream && !call.isUpload && !isLongRunning(call);
  const attempt = (): Promise<Answer> => {
    const controller = new AbortController();
    const signal = call.signal
      ? AbortSignal.any([call.signal, controller.signal])
      : controller.signal;
    return raceTimeout(send(signal), { ...timeout, quick }, () => controller.abort());
  };
  return isIdempotent(call) ? retry(attempt) : attempt();
}

/** Retries up to three times when the connection is lost. */
async function retry<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
  for (const pause of [100, 400, 1600]) {
    try {
      return await attempt();
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
    }
    await Bun.sleep(pause);
  }
  return attempt();
}

/** The connection ended before the answer was complete: the Engine may or may not have acted. */
export function isConnectionLost(error: unknown): boolean {
  return ["ECONNRESET", "EPIPE"].includes((error as NodeJS.ErrnoException | null)?.code ?? "");
}

/** An error that `isConnectionLost`. */
export function connectionLost(): Error {
  return Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
}

/** Rejects with the code `ENGINE_TIMEOUT` when the promise takes longer. */
export async function withTimeout<Value>(
  milliseconds: number,
  pending: Promise<Value>,
): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(timeoutError(milliseconds)), milliseconds);
  try {
    return await Promise.race([pending, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

interface TimeoutOptions extends EngineTimeout {
  /** Silence alone is a timeout, even if the Engine answers other calls. */
  readonly quick: boolean;
}

async function raceTimeout<Value>(
  pending: Promise<Value>,
  timeout: TimeoutOptions,
  abort: () => void,
): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const stop = onTimeout(timeout, () => {
    late.reject(timeoutError(timeout.milliseconds));
    abort();
  });
  try {
    return await Promise.race([pending, late.promise]);
  } finally {
    stop();
  }
}

/**
 * Calls back when the time is over. If another call shows that the Engine is at work, the time starts again.
 *
 * @returns stops the timer
 */
export function onTimeout(
  { milliseconds, probe, quick }: TimeoutOptions,
  expire: () => void,
): () => void {
  let stopped = false;
  let timer: Timer;
  const check = async (): Promise<void> => {
    const isAlive = !quick && (await succeeds(withTimeout(milliseconds, probe())));
    if (stopped) return;
    if (isAlive) start();
    else expire();
  };
  const start = (): void => void (timer = setTimeout(() => void check(), milliseconds));
  start();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

async function succeeds(pending: Promise<unknown>): Promise<boolean> {
  return pending.then(
    () => true,
    () => false,
  );
}

export const timeoutCode = "ENGINE_TIMEOUT";

export function timeoutError(milliseconds: number): Error {
  const message = `no answer within ${milliseconds / 1000} s`;
  return Object.assign(new Error(message), { code: timeoutCode });
}

/** POST requests that may be repeated. The Engine refuses to create a network that exists. */
const idempotentRequests =
  /^(?:\/containers\/[^/]+\/(?:start|stop|wait|attach|exec)|\/networks\/create|\/images\/.+\/tag)\b/;

function isIdempotent({ method, path, isUpload }: CallKind): boolean {
  if (isUpload) return false;
  return method === "GET" || method === "DELETE" || idempotentRequests.test(path);
}

function isLongRunning({ method, path }: CallKind): boolean {
  return method === "POST" && /^\/containers\/[^/]+\/(?:stop|wait)\b/.test(path);
}
