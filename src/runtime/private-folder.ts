import { mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readTextIfPossible, readUnlinkedFile } from "../lib/read-regular-file.ts";
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
  if (readTextIfPossible(file, readUnlinkedFile) !== ignoreAll) writeFileAtomic(file, ignoreAll);
}

/** What taking a lock makes in the folder of a copy; the lock is the last to go. */
const lockEntries = [".gitignore", "lock"];

/** Names of what is in the folder of a copy, besides its lock and empty folders. */
export function listRecords(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !lockEntries.includes(entry.name))
    .filter((entry) => !entry.isDirectory() || readdirSync(join(folder, entry.name)).length > 0)
    .map(({ name }) => name);
}

/**
 * Removes the folder of a copy that has not begun. The caller holds its lock.
 *
 * Only names that are known go: another call may lock the copy as soon as the lock's name is gone, and its lock stays.
 */
export function removeUnbegun(folder: string): void {
  try {
    if (listRecords(folder).length > 0) return;
    for (const name of lockEntries) rmSync(join(folder, name), { force: true });
    for (const name of readdirSync(folder))
      if (!lockEntries.includes(name)) rmdirSync(join(folder, name));
    rmdirSync(folder);
  } catch {
    // It is gone, belongs to another user, or another call has taken the lock.
  }
}
