import type { Duplex, Readable } from "node:stream";
import type { IncomingMessage } from "node:http";
import type Docker from "dockerode";

/** How long the Engine may be silent. */
export interface EngineTimeout {
  readonly milliseconds: number;
  /** Resolves when the Engine answers. */
  readonly ping: () => Promise<unknown>;
}

/** A request as docker-modem takes it. */
interface Request {
  readonly method: string;
  readonly path: string;
  readonly isStream?: boolean;
  readonly hijack?: boolean;
  readonly file?: unknown;
  readonly abortSignal?: AbortSignal;
}

type Answered = (error: unknown, answer: unknown) => void;

interface Modem {
  dial(request: Request, answered: Answered): void;
}

/**
 * Sees to it that no call hangs, and repeats one whose connection is cut when that does no harm. A call that is answered
 * at once has to be within the patience; what takes its time (a build, a command, the end of a container) may be silent
 * for as long as the Engine answers others.
 */
export function guardClient(client: Docker, patience: EngineTimeout): void {
  const modem = client.modem as unknown as Modem;
  const dial = modem.dial.bind(modem);
  const send = (request: Request): Promise<unknown> =>
    new Promise((resolve, reject) => {
      dial(request, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
  modem.dial = (request, answered) => {
    const { method, path, isStream = false, file, abortSignal: its } = request;
    const call = { method, path, isStream, isUpload: file !== undefined, signal: its };
    const answer = withTimeoutAndRetry(call, patience, (signal) =>
      answerTo(request, { signal, patience, send }),
    );
    answer.then(
      (value) => answered(null, value),
      (error: unknown) => answered(error, null),
    );
  };
}

/** What is known of a call before it is made. */
interface Call {
  readonly method: string;
  /** Without a version of the API. */
  readonly path: string;
  /** It is answered by a stream, whose beginning may take as long as the Engine is at work. */
  readonly isStream: boolean;
  /** A stream goes with it: it takes as long as that, and cannot be sent again. */
  readonly isUpload: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Makes a call as `guardCalls` says.
 *
 * @param once begins it; the signal ends it when it has taken too long, or the call's own comes
 */
export async function withTimeoutAndRetry<Answer>(
  call: Call,
  patience: EngineTimeout,
  once: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const quick = !call.isStream && !call.isUpload && !takesItsTime(call);
  const attempt = (): Promise<Answer> => {
    const over = new AbortController();
    const signal = call.signal ? AbortSignal.any([call.signal, over.signal]) : over.signal;
    return whileAnswering(once(signal), { ...patience, quick }, () => over.abort());
  };
  return isRepeatable(call) ? repeatCutOff(attempt) : attempt();
}

/**
 * Asks again, up to three times, when the connection is cut.
 *
 * @throws what the last attempt throws, or the first that fails in another way
 */
async function repeatCutOff<Answer>(once: () => Promise<Answer>): Promise<Answer> {
  for (const pause of [100, 400, 1600]) {
    try {
      return await once();
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
    }
    await Bun.sleep(pause);
  }
  return once();
}

/** The connection ended before the answer was whole: what was asked for may be done or not. */
export function isConnectionLost(error: unknown): boolean {
  return ["ECONNRESET", "EPIPE"].includes((error as NodeJS.ErrnoException | null)?.code ?? "");
}

/** What comes within the time; after it an error with the code `silent`. */
export function withTimeout<Value>(milliseconds: number, coming: Promise<Value>): Promise<Value> {
  return unlessTooLong(coming, (late) => {
    const timer = setTimeout(() => late(silence(milliseconds)), milliseconds);
    return () => clearTimeout(timer);
  });
}

/**
 * What comes, or the error with which it is late. Not by `Promise.race`, whose first call takes 0.07 ms.
 *
 * @param watch begins to wait, and returns what ends that
 */
async function unlessTooLong<Value>(
  coming: Promise<Value>,
  watch: (late: (error: Error) => void) => () => void,
): Promise<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  const stop = watch(reject);
  coming.then(resolve, reject);
  try {
    return await promise;
  } finally {
    stop();
  }
}

/** The code of an error that says so. */
export const timeoutCode = "ENGINE_SILENT";

function silence(milliseconds: number): Error {
  const message = `no answer within ${milliseconds / 1000} s`;
  return Object.assign(new Error(message), { code: timeoutCode });
}

/** What ends in the same state however often it is asked for. A network is refused when it is there. */
const idempotentRequests =
  /^(?:\/containers\/[^/]+\/(?:start|stop|wait|attach|exec)|\/networks\/create|\/images\/.+\/tag)\b/;

function isRepeatable({ method, path, isUpload }: Call): boolean {
  if (isUpload) return false;
  return method === "GET" || method === "DELETE" || idempotentRequests.test(path);
}

function takesItsTime({ method, path }: Call): boolean {
  // The method first: the first regular expression of a process takes 0.1 ms, and people wait for lists.
  return method === "POST" && /^\/containers\/[^/]+\/(?:stop|wait)\b/.test(path);
}

interface Sending {
  readonly signal: AbortSignal;
  readonly patience: EngineTimeout;
  readonly send: (request: Request) => Promise<unknown>;
}

async function answerTo(request: Request, { signal, patience, send }: Sending): Promise<unknown> {
  const { isStream = false, hijack = false } = request;
  // The client would wait for ever for the rest of an answer that is cut: it is read here.
  const answer = await send({ ...request, isStream: true, abortSignal: signal });
  if (!isStream && !hijack) return read(answer as IncomingMessage);
  endWithEngine(answer as Duplex, patience);
  return answer;
}

async function read(answer: IncomingMessage): Promise<unknown> {
  const body = Buffer.concat(await Array.fromAsync(answer as AsyncIterable<Buffer>));
  const isJson = /json/.test(answer.headers["content-type"] ?? "");
  return isJson && body.length > 0 ? JSON.parse(body.toString()) : body;
}

interface Watch extends EngineTimeout {
  /** Silence alone is too long. */
  readonly quick: boolean;
}

function whileAnswering<Value>(
  coming: Promise<Value>,
  watch: Watch,
  giveUp: () => void,
): Promise<Value> {
  return unlessTooLong(coming, (late) =>
    onTimeout(watch, () => {
      late(silence(watch.milliseconds));
      giveUp();
    }),
  );
}

/** A stream whose Engine falls silent ends with an error, instead of never. */
function endWithEngine(stream: Readable, patience: EngineTimeout): void {
  const watch = { ...patience, quick: false };
  const stop = onTimeout(watch, () => stream.destroy(silence(patience.milliseconds)));
  for (const end of ["end", "close", "error"]) stream.once(end, stop);
}

/**
 * Calls back when the time is over, unless a ping shows that the Engine is at work: then time begins anew.
 *
 * @returns ends the watch
 */
export function onTimeout({ milliseconds, ping, quick }: Watch, call: () => void): () => void {
  let stopped = false;
  let timer: Timer;
  const look = async (): Promise<void> => {
    const answers = !quick && (await succeeds(withTimeout(milliseconds, ping())));
    if (stopped) return;
    if (answers) begin();
    else call();
  };
  const begin = (): void => void (timer = setTimeout(() => void look(), milliseconds));
  begin();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

async function succeeds(coming: Promise<unknown>): Promise<boolean> {
  try {
    await coming;
    return true;
  } catch {
    return false;
  }
}
