// Injects faults into Reyns and docker-compose on a real Engine and prints a table of the outcomes.
// Usage: bun bench/faults.ts [--markdown] [WORD…]     (needs dist/reyns; see scripts/faults.sh)
import { parseArgs } from "node:util";
import { removeInstallation } from "../test/binary/support/reyns.ts";
import { importSmallImage } from "../test/binary/support/small-image.ts";
import { findCompose } from "./compose.ts";
import { faults, type Fault, type Outcome } from "./faults/index.ts";

interface Result {
  readonly name: string;
  readonly ours: Outcome;
  readonly theirs: Outcome | undefined;
}

const { values, positionals } = parseArgs({
  options: { markdown: { type: "boolean", default: false } },
  allowPositionals: true,
});

/** An error in the fault's own code counts as a failure. */
async function settle(outcome: Promise<Outcome>): Promise<Outcome> {
  try {
    return await outcome;
  } catch (error) {
    return { ok: false, description: error instanceof Error ? error.message : String(error) };
  }
}

async function take(fault: Fault, compose: string | undefined): Promise<Result> {
  const ours = await settle(fault.ours());
  const theirs =
    fault.theirs && compose !== undefined ? await settle(fault.theirs(compose)) : undefined;
  return { name: fault.name, ours, theirs };
}

const mark = ({ ok }: Outcome): string => (ok ? "yes" : "NO ");

function describe({ name, ours, theirs }: Result): string {
  const rows: [string, Outcome | undefined][] = [
    ["reyns", ours],
    ["compose", theirs],
  ];
  const lines = rows.map(
    ([tool, outcome]) =>
      `  ${tool.padEnd(8)} ${outcome ? `${mark(outcome)} ${outcome.description}` : "-   not measured"}`,
  );
  return [name, ...lines].join("\n");
}

function markdownRow({ name, ours, theirs }: Result): string {
  return `| ${[name, ours.description, theirs?.description ?? "–"].join(" | ")} |`;
}

const selected = faults.filter(
  ({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
);
const compose = await findCompose();
if (compose === undefined)
  console.error("docker-compose is missing; run: bun bench/run.ts --fetch");

await importSmallImage();
const results: Result[] = [];
if (values.markdown) console.log("| fault | Reyns | Compose |\n| --- | --- | --- |");
for (const fault of selected) {
  const result = await take(fault, compose);
  results.push(result);
  console.log(values.markdown ? markdownRow(result) : describe(result));
}
await removeInstallation();
const failed = results.filter(({ ours }) => !ours.ok).map(({ name }) => name);
if (failed.length > 0) console.error(`failed: ${failed.join("; ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;
