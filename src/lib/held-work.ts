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
      const timer = Promise.withResolvers<void>();
      const timeout = setTimeout(timer.resolve, limit);
      let isOver = false;
      void timer.promise.then(() => (isOver = true));
      while (pending.size > 0 && !isOver)
        await Promise.race([Promise.allSettled(pending), timer.promise]);
      clearTimeout(timeout);
    },
  };
}
