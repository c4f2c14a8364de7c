import { defineCommand, type CommandDef } from "citty";
import { composeMeaning } from "../compose-words.ts";
import { build } from "../../version.ts";
import type { Registry } from "../command-entry.ts";
import { formatCommandHelp, formatOverview, type Examples } from "../help/help.ts";
import { listTopics, loadPage, loadTopics } from "../help/pages.ts";
import { wrapText } from "../../ui/output/wrap.ts";
import { print } from "../../ui/output/print.ts";

const examples: Examples = [
  ["reyns help", "list the commands"],
  ["reyns help run", "explain one of them"],
  ["reyns run --help", "the same"],
  ["reyns help man | man -l -", "everything, as a manual page"],
];

const args = {
  command: {
    type: "positional",
    required: false,
    valueHint: "VERB",
    description: "Name of the command",
  },
  man: { type: "boolean", description: "Print everything as a manual page, for man" },
} as const;

/** The registry is handed in, because it lists this command. */
export function createHelp(registry: Registry): {
  readonly command: CommandDef<typeof args>;
  readonly examples: Examples;
} {
  const command = defineCommand({
    meta: {
      name: "help",
      description:
        "Lists the commands, or explains one: usage, arguments, keys with their defaults, examples.",
    },
    args,
    run: async ({ args: { command: name, man } }) => {
      if (man) {
        const { formatManual } = await import("../help/manual.ts");
        return print(formatManual(await loadTopics(registry), build.version).trimEnd());
      }
      if (!name) return print(formatOverview(listTopics(registry)));
      print(await explainCommand(name, registry));
    },
  });
  return { command, examples };
}

/** Help for a command, or for the one that Docker Compose's command of this name means. */
export async function explainCommand(name: string, registry: Registry): Promise<string> {
  const meant = composeMeaning(name);
  const page = await loadPage(meant ?? name, registry);
  if (meant === undefined) return formatCommandHelp(page);
  const { composeOptionRows } = await import("../help/compose-options.ts");
  const help = formatCommandHelp({ ...page, composeOptions: composeOptionRows(name) });
  const detail = name === "rm" ? " stopped=true, or with -s clean alone" : "";
  const meaning = `Docker Compose's ${name} is accepted here, and means ${meant}${detail}.`;
  return `${wrapText(meaning, 80).join("\n")}\n\n${help}`;
}
