import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Something to be timed, and what puts the stage back to where it starts. */
export interface Timed {
  readonly work: () => Promise<unknown>;
  /** Done before each round, not timed. */
  readonly before?: () => Promise<unknown>;
}

/** Takes the median of an unsorted list; NaN for an empty one. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? NaN;
  const high = sorted[Math.floor(middle)] ?? NaN;
  return (low + high) / 2;
}

/** In a file, as whoever reads a pipe meanwhile is measured with it. */
const said = join(tmpdir(), `reyns-bench-${process.pid}.stderr`);
process.once("exit", () => rmSync(said, { force: true }));

export interface Ended {
  /** Most memory that it and its children have had, in bytes. */
  readonly memory: number;
}

/** Runs a command to its end. @throws Error with what it said, if its status is not 0 */
export async function runOnce(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const stderr = openSync(said, "w");
  const child = Bun.spawn([...words], {
    cwd,
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "ignore",
    stderr,
  });
  const status = await child.exited;
  closeSync(stderr);
  if (status !== 0)
    throw new Error(
      `${words.join(" ")} ended with status ${status}: ${readFileSync(said, "utf8").trim()}`,
    );
  return { memory: child.resourceUsage()?.maxRSS ?? NaN };
}

/**
 * Median times in milliseconds, in the order given. One round is thrown away where there are several; all take turns,
 * so that a busy moment hits all of them.
 */
export async function measure(all: readonly Timed[], rounds: number): Promise<number[]> {
  const times = all.map((): number[] => []);
  for (let round = rounds > 1 ? -1 : 0; round < rounds; round++) {
    for (const [index, { work, before }] of all.entries()) {
      await before?.();
      const started = performance.now();
      await work();
      if (round >= 0) times[index]?.push(performance.now() - started);
    }
  }
  return times.map(median);
}
