import { ownCommand } from "./own-command.ts";

/** How often code has run, with a loop's round as one and a call as fifteen, when JavaScriptCore first compiles it. */
const threshold = "BUN_JSC_thresholdForJITAfterWarmUp";

/** Its own value is 500, which each function reaches that is called once for each of some thirty instances. */
const late = "300000";

/**
 * Lets this process compile only what has run for a while. A command calls most of its functions some hundred times and
 * is over: to compile them takes a fifth of its time and 8 MB, while code that really is called often, such as what packs
 * a large build context, is compiled a few milliseconds later. That can only be said before the start, so the process
 * starts again in its place, with its id, its words and its terminal. It takes 5 ms: for short commands too long.
 *
 * Where a process cannot do that (Windows), it goes on as it is.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/functions/exec.html
 */
export function compileLate(words: readonly string[]): void {
  if (process.env[threshold] !== undefined) {
    // Not for what is started from here: tasks, ssh, commands of a definition.
    delete process.env[threshold];
    return;
  }
  const [file = "", entry] = ownCommand();
  // Bun's own words before an entry, such as a profiler's, would be lost.
  if (entry !== undefined) return;
  try {
    process.execve?.(file, [process.argv0, ...words], { ...process.env, [threshold]: late });
  } catch {
    // The executable has been replaced since, or the words are all that an exec can take.
  }
}
