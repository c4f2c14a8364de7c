import { ReynsError } from "../errors.ts";

const retryMs = 100;
/** A service that is being updated changes several times a second. */
const timeoutMs = 10_000;

/**
 * Repeats a change of a service or a node of a swarm that Swarm has changed meanwhile: it refuses a change that names
 * another version than the present one, and makes versions itself during an update.
 *
 * @param attempt reads it, and changes it as it is then
 */
export async function retryOutOfSequence<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isOutOfSequence(error) || performance.now() > end) throw error;
    }
    await Bun.sleep(retryMs);
  }
}

/** The Engine answers 500. */
function isOutOfSequence(error: unknown): boolean {
  return error instanceof ReynsError && error.message.includes("update out of sequence");
}
