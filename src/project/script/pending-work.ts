/** Commands that have begun, whether the user's code awaits them or not. */
export interface BegunWork {
  begin(id: unknown): void;
  end(id: unknown): void;
  /** Resolves when all has ended, and what failed without being awaited has been seen. */
  ended(): Promise<void>;
}

export function beginWork(): BegunWork {
  const going = new Map<unknown, PromiseWithResolvers<void>>();
  return {
    begin: (id) => void going.set(id, Promise.withResolvers<void>()),
    end: (id) => {
      going.get(id)?.resolve();
      going.delete(id);
    },
    ended: async () => {
      while (going.size > 0) {
        await Promise.all([...going.values()].map(({ promise }) => promise));
        // A rejection that nobody handles is announced when the microtasks are through.
        await new Promise(setImmediate);
      }
    },
  };
}

/**
 * Runs user code to its end, with what it leaves to itself: an error that it does not await ends it as one that it does,
 * and so does the signal.
 */
export async function withLooseErrors<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const events = ["unhandledRejection", "uncaughtException"] as const;
  for (const event of events) process.on(event, reject);
  signal.addEventListener("abort", reject, { once: true });
  if (signal.aborted) reject(signal.reason);
  try {
    return await Promise.race([work(), promise]);
  } finally {
    for (const event of events) process.off(event, reject);
    signal.removeEventListener("abort", reject);
  }
}
