import { readdirSync } from "node:fs";
import { join } from "node:path";

/** The confs of a folder; `host.conf` holds values of the host instead. Empty if the folder cannot be read. */
export function listConfFiles(folder: string): { readonly name: string; readonly path: string }[] {
  return namesIn(folder)
    .filter((file) => file.endsWith(".conf") && file !== "host.conf")
    .map((file) => ({ name: file.slice(0, -".conf".length), path: join(folder, file) }));
}

export function confNamesIn(folder: string): string[] {
  return listConfFiles(folder).map(({ name }) => name);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
