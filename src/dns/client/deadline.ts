/** There was no usable answer: a timeout, a refused connection, an unreachable host. */
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
 * Runs `start` until it settles, the timeout expires (NoAnswer) or the signal aborts (its reason). Then calls the function
 * that `start` returned, once, to close what it opened.
 */
export async function settleWithin<T>({ timeout, signal }: Limits, start: Settle<T>): Promise<T> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = () => reject(signal?.reason);
  const timer = setTimeout(
    () => reject(new NoAnswer(`no answer within ${Math.round(timeout)} ms`)),
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
