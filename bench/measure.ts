import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Work to be timed, and its preparation. */
export interface Timed {
  readonly work: () => Promise<unknown>;
  /** Run before each round, not timed. */
  readonly before?: () => Promise<unknown>;
}

/** NaN for an empty list. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? NaN;
  const high = sorted[Math.floor(middle)] ?? NaN;
  return (low + high) / 2;
}

/** A file, because reading a pipe would affect the measurement. */
const stderrFile = join(tmpdir(), `reyns-bench-${process.pid}.stderr`);
process.once("exit", () => rmSync(stderrFile, { force: true }));

export interface Ended {
  /** Peak memory of the process and its children, in bytes. */
  readonly memory: number;
}

/** Runs a command until it ends. @throws Error with its output if its status is not 0 */
export async function runOnce(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const stderr = openSync(stderrFile, "w");
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
      `${words.join(" ")} ended with status ${status}: ${readFileSync(stderrFile, "utf8").trim()}`,
    );
  return { memory: child.resourceUsage()?.maxRSS ?? NaN };
}

/**
 * Measures the median times in milliseconds, in the given order. All take turns, so that load affects all of them. With
 * several rounds, the first one is discarded.
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
