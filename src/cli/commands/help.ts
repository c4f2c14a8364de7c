import { defineCommand } from "citty";
import { build } from "../../version.ts";
import { commandHelp, overview, type Examples } from "../help/help.ts";
import { print } from "../../ui/output/print.ts";
import { commandNamed } from "../registry.ts";
import { allPages, listedByTopic, pageOf } from "../help/pages.ts";
import { unknownCommand } from "../unknown-command.ts";

export const examples: Examples = [
  ["reyns help", "the list of commands"],
  ["reyns help run", "one of them"],
  ["reyns run --help", "the same"],
  ["reyns help man | man -l -", "everything, as a manual page"],
];

export const command = defineCommand({
  meta: {
    name: "help",
    description:
      "Lists the commands, or explains one: synopsis, words, keys with their defaults, examples.",
  },
  args: {
    command: {
      type: "positional",
      required: false,
      valueHint: "VERB",
      description: "Name of the command",
    },
    man: { type: "boolean", description: "All of it as a manual page, for man" },
  },
  run: async ({ args: { command: word, man } }) => {
    if (man) {
      const { manualPage } = await import("../help/manual.ts");
      return print(manualPage(await allPages(), build.version).trimEnd());
    }
    if (!word) return print(overview(listedByTopic()));
    const name = commandNamed(word);
    if (name === undefined) throw unknownCommand(word);
    await print(commandHelp(await pageOf(name)));
  },
});
