import type { ArgsDef } from "citty";
import { topics, type Registry } from "../command-entry.ts";
import { findCommand, unknownCommand } from "../find-command.ts";
import type { CommandPage, CommandSummary, Topic } from "./help.ts";

/** The commands of each topic, without loading them. */
export function listTopics(registry: Registry): Topic<CommandSummary>[] {
  return Object.entries(topics).map(([topic, title]) => ({
    title,
    commands: Object.entries(registry)
      .filter(([, entry]) => !entry.hidden && entry.topic === topic)
      .map(([name, { summary }]) => ({ name, summary })),
  }));
}

/** @throws ReynsError UNKNOWN_COMMAND, for hidden commands too */
export async function loadPage(nameOrAlias: string, registry: Registry): Promise<CommandPage> {
  const { name, entry } = findCommand(nameOrAlias, registry);
  if (entry.hidden) throw unknownCommand(name, registry);
  const { meta, args = {}, examples } = await entry.load();
  return {
    name,
    summary: entry.summary,
    description: (meta as { description: string }).description,
    aliases: entry.aliases ?? [],
    args: args as ArgsDef,
    examples,
  };
}

/** The pages of every listed command. */
export function loadTopics(registry: Registry): Promise<Topic[]> {
  return Promise.all(
    listTopics(registry).map(async ({ title, commands }) => ({
      title,
      commands: await Promise.all(commands.map(({ name }) => loadPage(name, registry))),
    })),
  );
}
