/** Work that has to be over before something may end, such as a process. */
export interface HeldWork {
  readonly add: (work: Promise<unknown>) => void;
  readonly isPending: () => boolean;
  /** Resolves when all of it is over, what is added meanwhile included, or after so many milliseconds. */
  readonly settled: (limit: number) => Promise<void>;
}

export function createHeldWork(): HeldWork {
  const pending = new Set<Promise<unknown>>();
  return {
    add: (work) => {
      pending.add(work);
      const remove = (): void => void pending.delete(work);
      work.then(remove, remove);
    },
    isPending: () => pending.size > 0,
    settled: async (limit) => {
      const timer = AbortSignal.timeout(limit);
      const timeout = new Promise((resolve) => {
        timer.addEventListener("abort", resolve, { once: true });
      });
      while (pending.size > 0 && !timer.aborted)
        await Promise.race([Promise.allSettled(pending), timeout]);
    },
  };
}
