import { defineCommand, type ArgsDef } from "citty";
import { commandHelp, overview, type Examples } from "../cli/help.ts";
import { print } from "../cli/print.ts";
import { commandNamed, commands, topics } from "./index.ts";
import { unknownCommand } from "./unknown-command.ts";

export const examples: Examples = [
  ["reyns help", "the list of commands"],
  ["reyns help run", "one of them"],
  ["reyns run --help", "the same"],
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
  },
  run: async ({ args: { command: word } }) => {
    if (!word) return print(overview(byTopic()));
    const name = commandNamed(word);
    const found = name === undefined ? undefined : commands[name];
    if (name === undefined || !found || found.hidden) throw unknownCommand(word);
    const definition = await found.load();
    const { description } = definition.meta as { description: string };
    const aliases = found.aliases ?? [];
    const accepted = (definition.args ?? {}) as ArgsDef;
    print(
      commandHelp({ name, description, aliases, args: accepted, examples: definition.examples }),
    );
  },
});

/** Title of each topic -> its commands. */
export function byTopic(): [string, { name: string; summary: string }[]][] {
  return Object.entries(topics).map(([topic, title]) => {
    const listed = Object.entries(commands).filter(([, one]) => !one.hidden && one.topic === topic);
    return [title, listed.map(([name, { summary }]) => ({ name, summary }))];
  });
}
