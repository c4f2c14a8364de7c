import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../lib/write-file-atomic.ts";
import { privateFolder } from "../model/resource-names.ts";

/** Its presence says that a folder has free ports of the host instead of the definition's. */
function fileIn(folder: string): string {
  return join(folder, privateFolder, "free-ports");
}

/** Whether the instances of a folder publish free ports of the host, whatever the definition says. */
export function hasFreePorts(folder: string): boolean {
  return existsSync(fileIn(folder));
}

/** Remembers which ports a folder has. @throws the file system's error */
export function setFreePorts(folder: string, isFree: boolean): void {
  if (isFree) writeFileAtomic(fileIn(folder), "reyns run ports=fixed removes this file\n");
  else rmSync(fileIn(folder), { force: true });
}
