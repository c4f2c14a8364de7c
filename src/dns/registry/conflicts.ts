import { setTimeout as sleep } from "node:timers/promises";

/**
 * Milliseconds to try, and to let others go first. This is no time for an answer: each conflict is one, and tells that the
 * update of another instance has succeeded. When dozens of them start on a busy machine, somebody is the last one.
 */
const [longestConflict, longestPause] = [30_000, 500];

export interface ConflictOptions {
  /** Milliseconds that the caller has; half a minute at most, which is also the default. */
  readonly conflictTimeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Repeats an update that other updates may overtake.
 *
 * @param attempt whether it was applied
 * @returns false when others have overtaken it all that time
 * @throws what an attempt throws; the signal's reason
 */
export async function retryConflicts(
  attempt: () => Promise<boolean>,
  { conflictTimeout = longestConflict, signal }: ConflictOptions = {},
): Promise<boolean> {
  const end = performance.now() + Math.min(conflictTimeout, longestConflict);
  for (let longest = 10; ; longest = Math.min(longest * 2, longestPause)) {
    if (await attempt()) return true;
    const pause = Math.random() * longest;
    if (performance.now() + pause >= end) return false;
    await sleep(pause, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}
