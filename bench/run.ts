// Measures the executable beside docker-compose, and beside the Engine's own calls with nothing around them, all within
// the same run, as times alone differ from machine to machine. Usage: bun bench/run.ts [--json] [--fetch] [--page]
// [PATTERN]     --fetch gets docker-compose first; --page writes docs/performance.md and its plot; PATTERN: only rows
// whose name has it. Needs dist/reyns and a Docker Engine. Ends with status 1 if something is over its limit or could
// not be measured.
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { fetchCompose, findCompose } from "./compose.ts";
import { measureGrowth } from "./growth.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { writePage } from "./page.ts";
import { judged, type Result, tableOf } from "./result.ts";
import { rowsOn } from "./rows.ts";
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

await using stage = await createStage({ reyns, compose });
const results: Result[] = [];
for await (const row of rowsOn(stage, { reyns, compose })) {
  if (positionals.length > 0 && !positionals.some((word) => row.name.includes(word))) continue;
  results.push(judged(row, await row.take()));
  if (!values.json)
    console.error(`${row.name}: ${Math.round(results.at(-1)?.ours ?? NaN)} ${row.unit}`);
}
if (values.page) await writePage({ machine, results, growth: await measureGrowth(stage) });
console.log(
  values.json ? JSON.stringify({ machine, results }, undefined, 2) : tableOf(results).join("\n"),
);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
