/** Nothing that can be used came back: silence, a refused connection, no way there. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

export interface Limits {
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

type Settle<T> = (resolve: (value: T) => void, reject: (reason: unknown) => void) => () => void;

/**
 * Runs `start` until it settles, the time is up (NoAnswer) or the signal aborts (its reason).
 * Whichever comes first, the function that `start` returned is called once, to close what it
 * opened.
 */
export async function settleWithin<T>({ timeout, signal }: Limits, start: Settle<T>): Promise<T> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = () => reject(signal?.reason);
  const timer = setTimeout(
    () => reject(new NoAnswer(`silence for ${Math.round(timeout)} ms`)),
    timeout,
  );
  signal?.addEventListener("abort", onAbort, { once: true });
  const stop = start(resolve, reject);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    stop();
  }
}
