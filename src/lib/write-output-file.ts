import { realpathSync, statSync, writeFileSync } from "node:fs";
import { writeFileAtomic } from "./write-file-atomic.ts";

/**
 * Writes a file that a user has named: completely or not at all, through a symbolic link to its target. A device or a pipe
 * gets the text, and is not replaced.
 *
 * @throws the file system's error, with the file as its path
 */
export function writeOutputFile(file: string, text: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats) return writeFileAtomic(file, text);
  if (stats.isFile()) return writeFileAtomic(realpathSync(file), text, stats.mode & 0o777);
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw Object.assign(error as Error, { path: file });
  }
}
