import { tmpdir } from "node:os";
import { join } from "node:path";

/** Takes the median of an unsorted list; NaN for an empty one. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? NaN;
  const high = sorted[Math.floor(middle)] ?? NaN;
  return (low + high) / 2;
}

async function runOnce(words: readonly string[]): Promise<number> {
  const started = performance.now();
  const child = Bun.spawn([...words], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  const status = await child.exited;
  if (status !== 0) throw new Error(`${words.join(" ")} ended with status ${status}`);
  return performance.now() - started;
}

async function measureHere(
  commands: readonly (readonly string[])[],
  runs: number,
): Promise<number[]> {
  const times = commands.map((): number[] => []);
  // One run is thrown away; the commands take turns, so that a busy moment hits all of them.
  for (let round = -1; round < runs; round++) {
    for (const [index, words] of commands.entries()) {
      const time = await runOnce(words);
      if (round >= 0) times[index]?.push(time);
    }
  }
  return times.map(median);
}

const quote = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

async function measureWithHyperfine(
  commands: readonly (readonly string[])[],
  runs: number,
): Promise<number[]> {
  const report = join(tmpdir(), `reyns-bench-${process.pid}.json`);
  const lines = commands.map((words) => words.map(quote).join(" "));
  const options = ["-N", "--style=none", "--warmup=2", `--runs=${runs}`, `--export-json=${report}`];
  await runOnce(["hyperfine", ...options, ...lines]);
  const { results }: { results: { median: number }[] } = await Bun.file(report).json();
  await Bun.file(report).delete();
  return results.map((result) => result.median * 1000);
}

/** Median times in milliseconds, in the order of the commands, all taken in this one run. */
export async function measure(
  commands: readonly (readonly string[])[],
  runs: number,
): Promise<number[]> {
  return Bun.which("hyperfine")
    ? measureWithHyperfine(commands, runs)
    : measureHere(commands, runs);
}
