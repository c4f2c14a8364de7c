/** A command to be timed, and what puts the stage back to where it starts. */
export interface Timed {
  readonly words: readonly string[];
  readonly cwd: string;
  /** Run before each round, not timed. */
  readonly before?: readonly string[];
}

/** Takes the median of an unsorted list; NaN for an empty one. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? NaN;
  const high = sorted[Math.floor(middle)] ?? NaN;
  return (low + high) / 2;
}

/** Runs a command to its end; milliseconds. */
export async function runOnce(words: readonly string[], cwd: string): Promise<number> {
  const started = performance.now();
  const child = Bun.spawn([...words], { cwd, stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const [problem, status] = await Promise.all([child.stderr.text(), child.exited]);
  if (status !== 0)
    throw new Error(`${words.join(" ")} ended with status ${status}: ${problem.trim()}`);
  return performance.now() - started;
}

/**
 * Median times in milliseconds, in the order of the commands. One round is thrown away; the commands take turns, so
 * that a busy moment hits all of them.
 */
export async function measure(commands: readonly Timed[], rounds: number): Promise<number[]> {
  const times = commands.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [index, { words, cwd, before }] of commands.entries()) {
      if (before) await runOnce(before, cwd);
      const time = await runOnce(words, cwd);
      if (round >= 0) times[index]?.push(time);
    }
  }
  return times.map(median);
}
