import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Notes that the project has services, so that commands which do not read its definition look for them.
 *
 * @param stateFolder that of the project, or of the copy
 */
export function leaveSwarmMarker(stateFolder: string): void {
  try {
    mkdirSync(stateFolder, { recursive: true });
    writeFileSync(join(stateFolder, "swarm"), "");
  } catch {
    // A read-only project folder: the containers of tasks show that there are services, and so does the definition.
  }
}
