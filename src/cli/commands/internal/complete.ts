import { defineCommand } from "citty";
import table from "../../../../dist/commands.json" with { type: "json" };
import { formatCandidates, shells } from "../../completion/format.ts";
import { findCandidates, type NameLookup, type Candidate } from "../../completion/candidates.ts";
import type { CommandTable } from "../../completion/command-table.ts";
import { findFiles } from "../../completion/files.ts";
import { splitLine, type TypedLine } from "../../completion/split-line.ts";
import { print } from "../../../ui/output/print.ts";
import type { PresentInstance } from "../../../runtime/observe/completion-names.ts";
import { mainCopy } from "../../../model/copy-origin.ts";
import { copyVariable } from "../../../project/copies.ts";
import { findProject, type ProjectPlace } from "../../../project/locate.ts";
import type { StaticNames } from "../../../project/static-names.ts";

/** Milliseconds that the Engine has to answer after TAB. */
const engineTimeout = 100;

export const command = defineCommand({
  meta: {
    name: "__complete",
    description: "Prints the completions at the cursor; the shells' scripts run it.",
    hidden: true,
  },
  args: {
    shell: { type: "enum", options: [...shells], description: "Shell to print them for" },
    line: { type: "string", default: "", description: "The command line up to the cursor" },
    breaks: { type: "string", default: "", description: "Bash's COMP_WORDBREAKS" },
  },
  run: async ({ args: { shell = "fish", line, breaks } }) => {
    const typed = splitLine(line, breaks);
    const found = await completeLine(typed);
    if (found.length > 0) print(formatCandidates(shell, found, typed).join("\n"));
  },
});

async function completeLine(typed: TypedLine): Promise<readonly Candidate[]> {
  if (beginsWithOption(typed)) {
    const { takeTypedOptions } = await import("../../completion/global-options.ts");
    const taken = await takeTypedOptions(typed, process.env);
    return "found" in taken ? taken.found : completeCall(taken.typed);
  }
  return completeCall(typed);
}

async function completeCall(typed: TypedLine): Promise<readonly Candidate[]> {
  const findNames = createNameFinder(await findProjectIfAny(copyIn(typed.words)));
  return findCandidates(typed, table as CommandTable, findNames);
}

/** Whether an option stands, or is being typed, before the command. */
function beginsWithOption({ words, current }: TypedLine): boolean {
  const executable = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  return (words[executable + 1] ?? current).startsWith("-");
}

/** The copy that the call names so far. */
function copyIn(words: readonly string[]): string | undefined {
  return words
    .map((word) => /^(?:--)?copy=(.+)$/.exec(word)?.[1])
    .find((name) => name !== undefined);
}

async function findProjectIfAny(
  copy = process.env[copyVariable],
): Promise<ProjectPlace | undefined> {
  try {
    return await findProject(process.cwd(), { ...process.env, [copyVariable]: copy });
  } catch {
    return undefined;
  }
}

/** Reads only the names that a lookup needs, and never runs reyns.ts. */
function createNameFinder(
  place: ProjectPlace | undefined,
): (lookup: NameLookup) => Promise<Candidate[]> {
  return async (lookup) => {
    if (lookup.kind === "FILE") return findFiles(lookup.start);
    if (!place) return [];
    if (lookup.kind === "COPY") {
      const { listCopyNames } = await import("../../../project/copy-record.ts");
      return toCandidates([...listCopyNames(place.folder), mainCopy]);
    }
    const { readStaticNames } = await import("../../../project/static-names.ts");
    if (lookup.kind === "CONF") return toCandidates(readStaticNames(place).confs);
    if (lookup.kind === "TASK")
      return readStaticNames(place).tasks.map(({ name, description }) => ({
        text: name,
        description,
      }));
    // Loaded only here, as most completions need no Engine. It answers while the files are read.
    const { listPresentInstances, listPresentVolumes } =
      await import("../../../runtime/observe/completion-names.ts");
    if (lookup.kind === "VOLUME")
      return toCandidates(await listPresentVolumes(process.env, place.origin, engineTimeout));
    const listing = listPresentInstances(process.env, place.origin, engineTimeout);
    const names = readStaticNames(place);
    return findInstanceNames(lookup, names, await listing);
  };
}

function findInstanceNames(
  { kind, service, serviceKind }: NameLookup,
  names: StaticNames,
  present: readonly PresentInstance[],
): Candidate[] {
  const isOfPresent =
    ["HOST", "ADDRESS"].includes(kind) ||
    (kind === "INSTANCE" ? serviceKind : kind)?.startsWith("PRESENT");
  // Without instances, or without an answer in time, the defined ones are the best guess.
  const onlyPresent = isOfPresent && present.length > 0;
  const pool = onlyPresent ? present : [...names.instances, ...present];
  switch (kind) {
    case "SERVICE":
    case "PRESENT":
      return toCandidates([
        ...pool.map((entry) => entry.service),
        ...(onlyPresent ? [] : names.services),
      ]);
    case "INSTANCE":
      return toCandidates(
        pool.filter((entry) => entry.service === service).map(({ instance }) => instance),
      );
    case "GROUP":
      return toCandidates([...names.groups, ...present.flatMap(({ group }) => group ?? [])]);
    case "ADDRESS":
      return pool.map((entry) => ({ text: `${entry.service}:`, isOpen: true }));
    case "HOST":
      return toCandidates(pool.map((entry) => `${entry.service}-${entry.instance}`));
    default:
      return [];
  }
}

function toCandidates(names: readonly string[]): Candidate[] {
  return names.map((text) => ({ text }));
}
