import { existsSync } from "node:fs";
import { join } from "node:path";
import { defineCommand } from "citty";
import { ReynsError } from "../../errors.ts";
import { comparable, compareContent } from "../../plan/receipts/compare.ts";
import { listReceipts, readReceipt, type ValidReceipt } from "../../runtime/receipts/store.ts";
import { receiptsFolder } from "../../runtime/receipts/write.ts";
import { log } from "../../ui/output/log.ts";
import { print, printJson } from "../../ui/output/print.ts";
import {
  formatReceiptChanges,
  formatReceipts,
  receiptChanges,
  receiptToJson,
} from "../../ui/views/receipts.ts";
import * as args from "../args/common.ts";
import { locateProject } from "../common/context.ts";
import type { Examples } from "../help/help.ts";

export const examples: Examples = [
  ["reyns receipts", "what was tested, newest first, and whether each signature counts"],
  ["reyns receipts json", "for a script"],
  ["reyns receipts old.json latest", "what has changed between two of them"],
];

export const command = defineCommand({
  meta: {
    name: "receipts",
    description:
      "Lists the receipts of tests that passed, or shows the differences between two: images, parts of the definition, files, the commit. A receipt counts only with a signature by this project's keys.",
  },
  args: {
    first: {
      type: "positional",
      required: false,
      valueHint: "FILE",
      description: "A receipt to compare: a file, a name in .reyns/receipts, or latest",
    },
    second: {
      type: "positional",
      required: false,
      valueHint: "FILE",
      description: "The receipt to compare it with",
    },
    json: args.json,
  },
  run: async ({ args: { first, second, json = false } }) => {
    const project = await locateProject();
    if (first === undefined) return list(project, json);
    if (second === undefined) throw oneReceipt(first);
    const [one, other] = await Promise.all(
      [first, second].map((name) => readReceipt(pathOf(name, project), project)),
    );
    if (one && other) compare(one, other, json);
  },
});

async function list(project: { readonly folder: string }, json: boolean): Promise<void> {
  const receipts = (await listReceipts(project)).toReversed();
  if (json) return printJson(receipts.map(receiptToJson));
  if (receipts.length === 0) return log.info("no receipts yet: a test that passes writes one");
  print(formatReceipts(receipts));
  for (const { problem } of receipts) if (problem) log.warn(problem.message);
}

function compare(one: ValidReceipt, other: ValidReceipt, json: boolean): void {
  const differences = compareContent(comparable(one.receipt), comparable(other.receipt));
  const changes = receiptChanges(one.receipt, other.receipt);
  if (json) printJson({ from: one.file, to: other.file, ...changes, differences });
  else print(formatReceiptChanges(changes, differences));
}

/** A name in the project's own folder of receipts needs no path. */
function pathOf(name: string, project: { readonly folder: string }): string {
  const own = join(receiptsFolder(project), name.endsWith(".json") ? name : `${name}.json`);
  return name !== "latest" && !existsSync(name) && existsSync(own) ? own : name;
}

function oneReceipt(name: string): ReynsError {
  const other = name === "latest" ? "OLD latest" : `${name} latest`;
  const hint = `compare two: reyns receipts ${other}; compare one with what is here: reyns plan receipt=${name}`;
  return new ReynsError("MISSING_ARGUMENT", "a second receipt is missing", { hint });
}
