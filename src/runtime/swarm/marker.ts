import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Notes that the project has services, so that commands which do not read its definition look for them, and the names of
 * those that this machine has handed over.
 *
 * @param stateFolder that of the project, or of the copy
 * @param name that of a service
 */
export function leaveSwarmMarker(stateFolder: string, name: string): void {
  change(stateFolder, (names) => [...names, name]);
}

/** A container has taken the place of a service. Others may be left. */
export function forgetService(stateFolder: string, name: string): void {
  if (!markedServices(stateFolder).has(name)) return;
  change(stateFolder, (names) => names.filter((other) => other !== name));
}

/** The names of the services that this machine has handed over, and not seen go. */
export function markedServices(stateFolder: string): ReadonlySet<string> {
  try {
    return new Set(readFileSync(join(stateFolder, fileName), "utf8").split("\n").filter(Boolean));
  } catch {
    return new Set();
  }
}

const fileName = "swarm";

function change(stateFolder: string, edit: (names: readonly string[]) => readonly string[]): void {
  const names = new Set(edit([...markedServices(stateFolder)]));
  try {
    mkdirSync(stateFolder, { recursive: true });
    writeFileSync(join(stateFolder, fileName), [...names].map((name) => `${name}\n`).join(""));
  } catch {
    // A read-only project folder: the containers of tasks show that there are services, and so does the definition.
  }
}
