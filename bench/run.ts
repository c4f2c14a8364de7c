// Measures the executable beside docker-compose, and beside the Engine's own calls with nothing around them, all within
// the same run, as times alone differ from machine to machine. Usage: bun bench/run.ts [--json] [--fetch] [--page]
// [PATTERN]     --fetch gets docker-compose first; --page writes docs/performance.md and its plot; PATTERN: only rows
// whose name has it. Needs dist/reyns and a Docker Engine. Ends with status 1 if something is over its limit or could
// not be measured.
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { fetchCompose, findCompose } from "./compose.ts";
import { copyFresh } from "./copies.ts";
import { measureGrowth } from "./growth.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { writePage } from "./page.ts";
import { cellsOf, judged, type Result, tableOf } from "./result.ts";
import { type Row, rowsOn, type Values } from "./rows.ts";
import { createStage } from "./stage.ts";

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
if (compose === undefined) console.error("no docker-compose to compare with: add --fetch");
const machine: Machine = await describeMachine({ reyns, compose });

await using tools = await copyFresh({ reyns, compose });
await using stage = await createStage(tools);
const results: Result[] = [];
for await (const row of rowsOn(stage, tools)) {
  if (positionals.length > 0 && !positionals.some((word) => row.name.includes(word))) continue;
  const result = judged(row, await row.take().catch(nothingOf(row)));
  results.push(result);
  if (!values.json) console.error(cellsOf(result).join("  "));
}
if (values.page) await writePage({ machine, results, growth: await measureGrowth(stage) });
console.log(
  values.json ? JSON.stringify({ machine, results }, undefined, 2) : tableOf(results).join("\n"),
);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;

/** What cannot be measured is said, and fails; the other rows are measured all the same. */
function nothingOf({ name }: Row): (problem: unknown) => Values {
  return (problem) => {
    console.error(`${name}: ${problem instanceof Error ? problem.message : String(problem)}`);
    return { ours: NaN, theirs: undefined, floor: undefined };
  };
}
