import type { ArgsDef } from "citty";
import type { CommandPage, Topic } from "./help.ts";
import { commands, topics } from "../registry.ts";
import { unknownCommand } from "../unknown-command.ts";

type Summary = Pick<CommandPage, "name" | "summary">;

/** Title and commands of each topic; none of them is loaded. */
export function listedByTopic(): Topic<Summary>[] {
  const all: Topic<Summary>[] = [];
  for (const [topic, title] of Object.entries(topics)) {
    const own: Summary[] = [];
    for (const [name, one] of Object.entries(commands))
      if (!one.hidden && one.topic === topic) own.push({ name, summary: one.summary });
    all.push({ title, commands: own });
  }
  return all;
}

/** @throws ReynsError UNKNOWN_COMMAND, also for what is only for the executable's own use */
export async function pageOf(name: string): Promise<CommandPage> {
  const listed = commands[name];
  if (!listed || listed.hidden) throw unknownCommand(name);
  const { meta, args = {}, examples } = await listed.load();
  return {
    name,
    summary: listed.summary,
    description: (meta as { description: string }).description,
    aliases: listed.aliases ?? [],
    args: args as ArgsDef,
    examples,
  };
}

/** Every command with all that help knows of it. */
export function allPages(): Promise<Topic[]> {
  return Promise.all(
    listedByTopic().map(async ({ title, commands: listed }) => ({
      title,
      commands: await Promise.all(listed.map(({ name }) => pageOf(name))),
    })),
  );
}
