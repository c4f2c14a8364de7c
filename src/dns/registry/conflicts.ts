import { setTimeout as sleep } from "node:timers/promises";

/**
 * Milliseconds to try, and to let others go first. This is no time for an answer: each conflict is one, and tells that the
 * update of another instance has succeeded. When dozens of them start on a busy machine, somebody is the last one.
 */
const [conflictTimeout, longestPause] = [30_000, 500];

/**
 * Repeats an update that other updates may overtake.
 *
 * @param attempt whether it was applied
 * @returns false when others have overtaken it for half a minute
 * @throws what an attempt throws; the signal's reason
 */
export async function retryConflicts(
  attempt: () => Promise<boolean>,
  signal?: AbortSignal,
): Promise<boolean> {
  const end = performance.now() + conflictTimeout;
  for (let longest = 10; ; longest = Math.min(longest * 2, longestPause)) {
    if (await attempt()) return true;
    const pause = Math.random() * longest;
    if (performance.now() + pause >= end) return false;
    await sleep(pause, undefined, { signal });
  }
}
