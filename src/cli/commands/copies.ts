import { defineCommand } from "citty";
import { compareStrings } from "../../lib/compare-strings.ts";
import { asCopy } from "../../project/copies.ts";
import { listCopyNames, readCopyRecord } from "../../project/copy-record.ts";
import type { ProjectPlace } from "../../project/locate.ts";
import { observeCopies } from "../../runtime/observe/copies.ts";
import { log } from "../../ui/output/log.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { copyToJson, formatCopies, type CopyView } from "../../ui/views/copies.ts";
import * as args from "../args/common.ts";
import { connectEngine, locateProject, withEngineNotice } from "../common/context.ts";
import type { Examples } from "../help/help.ts";

export const examples: Examples = [
  ["reyns copies", "every copy of this project"],
  ["reyns copies json", "for a script"],
  ["reyns copies json | jq -r '.[].ports[] | \"\\(.instance) \\(.host)\"'", "where they answer"],
];

export const command = defineCommand({
  meta: {
    name: "copies",
    description:
      "Lists the copies of the project in this folder: what runs of each, and on which ports. reyns run all copy=NAME makes one, reyns clean all copy=NAME removes it.",
  },
  args: { json: args.json },
  run: async ({ args: { json } }) => {
    const copies = await findCopies(await locateProject());
    if (json) return printJson(copies.map(copyToJson));
    if (copies.length === 0) return log.info("no copies: reyns run all copy=NAME makes one");
    print(formatCopies(copies, Date.now()));
  },
});

/** Those that have been run here, and those of which the Engine has containers. */
async function findCopies(place: ProjectPlace): Promise<CopyView[]> {
  const observed = await withEngineNotice(observeCopies(await connectEngine(), place));
  const names = new Set([...listCopyNames(place.folder), ...observed.keys()]);
  return [...names].toSorted(compareStrings).map((name) => ({
    name,
    instances: observed.get(name) ?? [],
    record: readCopyRecord(asCopy(place, name)),
  }));
}
