// Compares dist/reyns with docker-compose and with the Engine's calls alone, all in one run, because absolute times differ
// from machine to machine. Usage: bun bench/run.ts [--json] [--fetch] [--page] [PATTERN]
// --fetch downloads docker-compose first; --page writes docs/performance.md and its plot; PATTERN selects rows by name.
// Needs a Docker Engine. Exits with status 1 if a row exceeds its budget or cannot be measured.
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { fetchCompose, findCompose } from "./compose.ts";
import { copyFresh } from "./copies.ts";
import { measureGrowth } from "./growth.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { writePage } from "./page.ts";
import { cellsOf, judge, type Result, tableOf } from "./result.ts";
import { type Measurement, type Row, rowsOn } from "./rows.ts";
import { createStage } from "./stage.ts";
import { composeRows } from "./compose-rows.ts";
import { streamRows } from "./stream-rows.ts";

const { values, positionals } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    fetch: { type: "boolean", default: false },
    page: { type: "boolean", default: false },
  },
  allowPositionals: true,
});

const reyns = join(dirname(import.meta.dir), "dist", "reyns");
const compose = values.fetch ? await fetchCompose() : await findCompose();
if (compose === undefined) console.error("docker-compose is missing: add --fetch");
const machine: Machine = await describeMachine({ reyns, compose });

await using tools = await copyFresh({ reyns, compose });
await using stage = await createStage(tools);
const results: Result[] = [];
async function* allRows(): AsyncGenerator<Row> {
  yield* rowsOn(stage, tools);
  yield* streamRows(stage);
  yield* composeRows(stage, tools);
}
for await (const row of allRows()) {
  if (positionals.length > 0 && !positionals.some((word) => row.name.includes(word))) continue;
  const result = judge(row, await row.take().catch(reportFailure(row)));
  results.push(result);
  if (!values.json) console.error(cellsOf(result).join("  "));
}
if (values.page) await writePage({ machine, results, growth: await measureGrowth(stage) });
console.log(
  values.json ? JSON.stringify({ machine, results }, undefined, 2) : tableOf(results).join("\n"),
);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;

/** Reports a row that cannot be measured and lets it fail; the others are measured all the same. */
function reportFailure({ name }: Row): (problem: unknown) => Measurement {
  return (problem) => {
    console.error(`${name}: ${problem instanceof Error ? problem.message : String(problem)}`);
    return { ours: NaN, theirs: undefined, floor: undefined };
  };
}
