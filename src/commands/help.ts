import { defineCommand, type ArgsDef } from "citty";
import { commandHelp, overview } from "../cli/help.ts";
import { print } from "../cli/print.ts";
import { commandNamed, commands } from "./index.ts";
import { unknownCommand } from "./unknown-command.ts";

export const command = defineCommand({
  meta: {
    name: "help",
    description: "Lists the commands, or explains one: synopsis, words, keys with their defaults.",
  },
  args: { command: { type: "positional", required: false, description: "Name of the command" } },
  run: async ({ args: { command: word } }) => {
    const listed = Object.entries(commands).filter(([, { hidden }]) => !hidden);
    if (!word) return print(overview(listed.map(([name, { summary }]) => ({ name, summary }))));
    const name = commandNamed(word);
    const found = name === undefined ? undefined : commands[name];
    if (name === undefined || !found) throw unknownCommand(word);
    const definition = await found.load();
    const meta = definition.meta as { description: string };
    print(
      commandHelp({
        name,
        description: meta.description,
        aliases: found.aliases ?? [],
        args: (definition.args ?? {}) as ArgsDef,
      }),
    );
  },
});
