// Compares the executable with docker-compose, by ratio within one run, as times alone differ from machine
// to machine. Usage: bun bench/run.ts [--json] [--runs N] [--fetch]     (--fetch gets docker-compose first)
// Ends with status 1 if a ratio is over its limit or something to compare is missing.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { fetchCompose, findCompose } from "./compose.ts";
import { measure } from "./measure.ts";
import { rowsWith, type Row } from "./rows.ts";

const root = dirname(import.meta.dir);
const reyns = join(root, "dist", "reyns");

interface Result {
  readonly name: string;
  /** Median milliseconds. */
  readonly ours?: number;
  readonly theirs?: number;
  readonly ratio?: number;
  readonly limit: number;
  readonly ok: boolean;
  /** Why it was not measured. */
  readonly missing?: string;
}

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    fetch: { type: "boolean", default: false },
    runs: { type: "string", default: "20" },
  },
});

/** True if the demo that scripts/demo.sh makes has running instances. */
function demoRuns(): boolean {
  const cwd = join(root, "reyns-demo");
  if (!existsSync(cwd)) return false;
  const { stdout, exitCode } = Bun.spawnSync([reyns, "ps", "--json"], { cwd, stderr: "ignore" });
  return exitCode === 0 && JSON.parse(stdout.toString()).length > 0;
}

function whatIsMissing(row: Row): string | undefined {
  const absent = [row.ours[0], row.theirs[0]].filter((tool) => !tool || !Bun.which(tool));
  if (absent.length > 0) return `no ${absent.join(", no ")}`;
  return row.needsDemo && !demoRuns() ? "the demo is not running: scripts/demo.sh" : undefined;
}

async function compare(row: Row): Promise<Result> {
  const { name, limit } = row;
  const missing = whatIsMissing(row);
  if (missing !== undefined) return { name, limit, ok: false, missing };
  const [ours = NaN, theirs = NaN] = await measure([row.ours, row.theirs], Number(values.runs));
  const ratio = ours / theirs;
  return { name, ours, theirs, ratio, limit, ok: ratio <= limit };
}

function describe({
  name,
  ours = NaN,
  theirs = NaN,
  ratio = NaN,
  limit,
  ok,
  missing,
}: Result): string {
  if (missing !== undefined) return `${name.padEnd(24)} not measured: ${missing}`;
  const cells = [ours.toFixed(1), theirs.toFixed(1), ratio.toFixed(2), limit.toFixed(2)];
  return `${name.padEnd(24)}${cells.map((cell) => cell.padStart(10)).join("")}  ${ok ? "ok" : "OVER"}`;
}

const compose = values.fetch ? await fetchCompose() : await findCompose();
const rows = rowsWith({ reyns, compose: compose ?? "docker-compose" });
const results: Result[] = [];
for (const row of rows) results.push(await compare(row));

if (values.json) console.log(JSON.stringify(results, undefined, 2));
else {
  const heads = ["ours ms", "theirs ms", "ratio", "limit"].map((head) => head.padStart(10));
  console.log([`${"".padEnd(24)}${heads.join("")}`, ...results.map(describe)].join("\n"));
}
process.exitCode = results.every((result) => result.ok) ? 0 : 1;
