import { setTimeout as sleep } from "node:timers/promises";
import { hasCode } from "../../errors.ts";

export interface RetryOptions {
  /** Milliseconds to keep trying; one attempt by default. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Whether an error means that a DNS does not answer. */
export function isSilent(error: unknown): boolean {
  return hasCode(error, "DNS_UNREACHABLE");
}

/** The result of a request to a DNS that does not answer. @throws any other error */
export function undefinedIfSilent(error: unknown): undefined {
  if (!isSilent(error)) throw error;
}

/** Milliseconds. Each attempt takes longer than the one before: a busy machine may need more for every answer. */
const [firstAttempt, longestAttempt] = [2000, 10_000];

/**
 * Repeats a request to a DNS while it does not answer: it may be starting, or the machine busy. The pauses are those of
 * the agent in an instance.
 *
 * @param attempt receives the milliseconds that it may take
 * @throws ReynsError DNS_UNREACHABLE of the last attempt; what else an attempt throws; the signal's reason
 */
export async function retryWhileSilent<Result>(
  { timeout = 0, signal }: RetryOptions,
  attempt: (timeout: number) => Promise<Result>,
): Promise<Result> {
  const end = performance.now() + timeout;
  for (
    let milliseconds = firstAttempt;
    ;
    milliseconds = Math.min(milliseconds * 2, longestAttempt)
  ) {
    const left = Math.max(end - performance.now(), firstAttempt);
    try {
      return await attempt(Math.min(milliseconds, left));
    } catch (error) {
      const pause = 300 + Math.random() * 500;
      if (!isSilent(error) || performance.now() + pause >= end) throw error;
      await sleep(pause, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}
