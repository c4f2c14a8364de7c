// Writes the arguments of all commands to dist/commands.json, for completion. Usage: bun scripts/command-table.ts
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ArgsDef } from "citty";
import type { CommandTable } from "../src/cli/completion/command-table.ts";

const target = join(dirname(import.meta.dir), "dist", "commands.json");

/** Writes dist/commands.json if it has changed. Needs dist/assets.tar.zst, which commands import. */
export async function writeCommandTable(): Promise<void> {
  const present = await readFile(target, "utf8").catch(() => undefined);
  await mkdir(dirname(target), { recursive: true });
  // Bun caches a folder's listing when commandTable() imports the commands: without this file, a build later in this
  // process would not find the table.
  if (present === undefined) await writeFile(target, "[]");
  const text = JSON.stringify(await commandTable());
  if (present === text) return;
  const draft = `${target}.${process.pid}`;
  await writeFile(draft, text);
  await rename(draft, target);
}

async function commandTable(): Promise<CommandTable> {
  const { commands } = await import("../src/cli/registry.ts");
  const listed = Object.entries(commands).filter(([, { hidden }]) => !hidden);
  return Promise.all(
    listed.map(async ([name, { aliases = [], summary, load }]) => {
      const args = ((await load()).args ?? {}) as ArgsDef;
      return { name, aliases, summary, args };
    }),
  );
}

if (import.meta.main) await writeCommandTable();
