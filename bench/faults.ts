// Does each fault to Reyns and to docker-compose, on a real Engine, and prints a table of what came of it.
// Usage: bun bench/faults.ts [--markdown] [WORD…]     (needs dist/reyns; see scripts/faults.sh)
import { parseArgs } from "node:util";
import { removeInstallation } from "../test/binary/support/reyns.ts";
import { importSmallImage } from "../test/binary/support/small-image.ts";
import { findCompose } from "./compose.ts";
import { faults, type Fault, type Finding } from "./faults/index.ts";

interface Result {
  readonly name: string;
  readonly ours: Finding;
  readonly theirs: Finding | undefined;
}

const { values, positionals } = parseArgs({
  options: { markdown: { type: "boolean", default: false } },
  allowPositionals: true,
});

/** What breaks a fault's own program is a finding, too: never a good one. */
async function found(finding: Promise<Finding>): Promise<Finding> {
  try {
    return await finding;
  } catch (error) {
    return { ok: false, words: error instanceof Error ? error.message : String(error) };
  }
}

async function take(fault: Fault, compose: string | undefined): Promise<Result> {
  const ours = await found(fault.ours());
  const theirs =
    fault.theirs && compose !== undefined ? await found(fault.theirs(compose)) : undefined;
  return { name: fault.name, ours, theirs };
}

const mark = ({ ok }: Finding): string => (ok ? "yes" : "NO ");

function describe({ name, ours, theirs }: Result): string {
  const rows: [string, Finding | undefined][] = [
    ["reyns", ours],
    ["compose", theirs],
  ];
  const lines = rows.map(
    ([who, one]) => `  ${who.padEnd(8)} ${one ? `${mark(one)} ${one.words}` : "-   not measured"}`,
  );
  return [name, ...lines].join("\n");
}

function markdownRow({ name, ours, theirs }: Result): string {
  return `| ${[name, ours.words, theirs?.words ?? "–"].join(" | ")} |`;
}

const wanted = faults.filter(
  ({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
);
const compose = await findCompose();
if (compose === undefined)
  console.error("no docker-compose to compare with: bun bench/run.ts --fetch");

await importSmallImage();
const results: Result[] = [];
if (values.markdown) console.log("| fault | Reyns | Compose |\n| --- | --- | --- |");
for (const fault of wanted) {
  const result = await take(fault, compose);
  results.push(result);
  console.log(values.markdown ? markdownRow(result) : describe(result));
}
await removeInstallation();
const failed = results.filter(({ ours }) => !ours.ok).map(({ name }) => name);
if (failed.length > 0) console.error(`failed: ${failed.join("; ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;
