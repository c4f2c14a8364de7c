import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { readUnlinkedFile } from "../lib/read-regular-file.ts";
import { writeFileAtomic } from "../lib/write-file-atomic.ts";

const ignoreAll = "*\n";

/**
 * Creates a project's `.reyns`, of which git takes nothing: also where a folder from elsewhere came with other rules.
 *
 * @param folder path of the `.reyns`
 * @throws the file system's error
 */
export function createPrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, ".gitignore");
  if (readIfPossible(file) !== ignoreAll) writeFileAtomic(file, ignoreAll);
}

function readIfPossible(file: string): string | undefined {
  try {
    return readUnlinkedFile(file).toString();
  } catch {
    return undefined;
  }
}
