/** Commands that have started, whether or not the user's code awaits them. */
export interface PendingWork {
  start(id: unknown): void;
  finish(id: unknown): void;
  /** Resolves once all work has finished and unawaited failures have been reported. */
  settled(): Promise<void>;
}

export function trackPendingWork(): PendingWork {
  const running = new Map<unknown, PromiseWithResolvers<void>>();
  return {
    start: (id) => void running.set(id, Promise.withResolvers<void>()),
    finish: (id) => {
      running.get(id)?.resolve();
      running.delete(id);
    },
    settled: async () => {
      while (running.size > 0) {
        await Promise.all([...running.values()].map(({ promise }) => promise));
        // Unhandled rejections are reported after the microtasks.
        await new Promise(setImmediate);
      }
    },
  };
}

/**
 * Runs user code; an unhandled rejection, an uncaught exception or the signal ends it, as an awaited error would.
 *
 * @param isForeign whether an error is known to be of something else
 */
export async function collectUnhandledRejections<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal,
  isForeign: (error: unknown) => boolean = () => false,
): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const events = ["unhandledRejection", "uncaughtException"] as const;
  const collect = (error: unknown): void => {
    if (!isForeign(error)) reject(error);
  };
  for (const event of events) process.on(event, collect);
  signal.addEventListener("abort", reject, { once: true });
  if (signal.aborted) reject(signal.reason);
  try {
    return await Promise.race([work(), promise]);
  } finally {
    for (const event of events) process.off(event, collect);
    signal.removeEventListener("abort", reject);
  }
}
