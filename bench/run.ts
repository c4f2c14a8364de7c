// Measures the executable, beside docker-compose within the same run, as times alone differ from machine to machine.
// Usage: bun bench/run.ts [--json] [--rounds N] [--fetch]     (--fetch gets docker-compose first)
// Needs dist/reyns and a Docker Engine. Ends with status 1 if something is over its limit or could not be measured.
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { fetchCompose, findCompose } from "./compose.ts";
import { measure } from "./measure.ts";
import { rowsOn, type Row } from "./rows.ts";
import { createStage } from "./stage.ts";

interface Result {
  readonly name: string;
  /** Median milliseconds. */
  readonly ours: number;
  readonly theirs: number | null;
  readonly ratio: number | null;
  readonly limit: string;
  readonly ok: boolean;
}

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    fetch: { type: "boolean", default: false },
    rounds: { type: "string", default: "20" },
  },
});

/** Without docker-compose a ratio cannot be had, and is not passed over: the row fails. */
async function take(row: Row, withCompose: boolean): Promise<Result> {
  const { name, ours, theirs, ratio: limit, most, rounds = Number(values.rounds) } = row;
  const pair = theirs && withCompose ? [ours, theirs] : [ours];
  const [mine = NaN, others] = await measure(pair, rounds);
  const ratio = others === undefined ? null : mine / others;
  const fast = most === undefined || mine <= most;
  const ahead = limit === undefined || (ratio !== null && ratio <= limit);
  const words = most === undefined ? `${limit?.toFixed(2)} x` : `${most} ms`;
  return { name, ours: mine, theirs: others ?? null, ratio, limit: words, ok: fast && ahead };
}

function describe({ name, ours, theirs, ratio, limit, ok }: Result): string {
  const cells = [ours.toFixed(1), theirs?.toFixed(1) ?? "-", ratio?.toFixed(2) ?? "-", limit];
  return `${name.padEnd(24)}${cells.map((cell) => cell.padStart(11)).join("")}  ${ok ? "ok" : "OVER"}`;
}

const reyns = join(dirname(import.meta.dir), "dist", "reyns");
const compose = values.fetch ? await fetchCompose() : await findCompose();
if (compose === undefined) console.error("no docker-compose to compare with: add --fetch");

await using stage = await createStage({ reyns, compose });
const results: Result[] = [];
for (const row of rowsOn(stage, { reyns, compose: compose ?? "" })) {
  results.push(await take(row, compose !== undefined));
}

if (values.json) console.log(JSON.stringify(results, undefined, 2));
else {
  const heads = ["ours ms", "theirs ms", "ratio", "limit"].map((head) => head.padStart(11));
  console.log([`${"".padEnd(24)}${heads.join("")}`, ...results.map(describe)].join("\n"));
}
process.exitCode = results.every((result) => result.ok) ? 0 : 1;
