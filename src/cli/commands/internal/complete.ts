import { defineCommand } from "citty";
import table from "../../../../dist/commands.json" with { type: "json" };
import { formatCandidates, shells } from "../../completion/format.ts";
import { findCandidates, type NameLookup, type Candidate } from "../../completion/candidates.ts";
import type { CommandTable } from "../../completion/command-table.ts";
import { findFiles } from "../../completion/files.ts";
import { splitLine } from "../../completion/split-line.ts";
import { print } from "../../../ui/output/print.ts";
import type { PresentInstance } from "../../../runtime/observe/completion-names.ts";
import { findProject, type ProjectPlace } from "../../../project/locate.ts";
import { readStaticNames, type StaticNames } from "../../../project/static-names.ts";

/** Milliseconds that the Engine has to answer in: a person has pressed TAB. */
const patience = 100;

export const command = defineCommand({
  meta: {
    name: "__complete",
    description: "Answers what could stand at the cursor; the shells' scripts call it.",
    hidden: true,
  },
  args: {
    shell: { type: "enum", options: [...shells], description: "Whose form the answer has" },
    line: { type: "string", description: "The command line up to the cursor" },
    breaks: { type: "string", description: "Bash's COMP_WORDBREAKS" },
  },
  run: async ({ args: { shell = "fish", line = "", breaks = "" } }) => {
    const typed = splitLine(line, breaks);
    const found = await findCandidates(
      typed,
      table as CommandTable,
      lookUpIn(await callersPlaceIfAny()),
    );
    if (found.length > 0) print(formatCandidates(shell, found, typed).join("\n"));
  },
});

async function callersPlaceIfAny(): Promise<ProjectPlace | undefined> {
  try {
    return await findProject(process.cwd(), process.env);
  } catch {
    return undefined;
  }
}

/** Looks nothing up that is not asked for. Never runs reyns.ts. */
function lookUpIn(place: ProjectPlace | undefined): (asked: NameLookup) => Promise<Candidate[]> {
  return async (asked) => {
    if (asked.kind === "FILE") return findFiles(asked.start);
    if (!place) return [];
    if (asked.kind === "CONF") return plain(readStaticNames(place).confs);
    if (asked.kind === "TASK")
      return readStaticNames(place).tasks.map(({ name, description }) => ({
        text: name,
        description,
      }));
    // Loaded when it is needed: most words need no Engine. It answers while the files are read.
    const { listPresentInstances: presentInstances } =
      await import("../../../runtime/observe/completion-names.ts");
    const listing = presentInstances(process.env, place.folder, patience);
    const names = readStaticNames(place);
    return amongInstances(asked, names, await listing);
  };
}

function amongInstances(
  { kind, service, serviceKind }: NameLookup,
  names: StaticNames,
  present: readonly PresentInstance[],
): Candidate[] {
  const isOfPresent =
    kind === "HOST" || (kind === "INSTANCE" ? serviceKind : kind)?.startsWith("PRESENT");
  // Where nothing is there, or the Engine keeps silent, what is defined is the best guess.
  const onlyPresent = isOfPresent && present.length > 0;
  const pool = onlyPresent ? present : [...names.instances, ...present];
  switch (kind) {
    case "SERVICE":
    case "PRESENT":
      return plain([...pool.map((one) => one.service), ...(onlyPresent ? [] : names.services)]);
    case "INSTANCE":
      return pool.filter((one) => one.service === service).map((one) => ({ text: one.instance }));
    case "GROUP":
      return plain([...names.groups, ...present.flatMap(({ group }) => group ?? [])]);
    case "HOST":
      return pool.map((one) => ({ text: `${one.service}-${one.instance}` }));
    default:
      return [];
  }
}

function plain(names: readonly string[]): Candidate[] {
  return names.map((text) => ({ text }));
}
