import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Writes a file completely or not at all: if the disk is full or the process is killed, the old file stays.
 *
 * @param mode permission bits
 * @throws the file system's error, with the file as its path
 */
export function writeFileAtomic(file: string, text: string, mode = 0o644): void {
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, text, { mode });
    chmodSync(draft, mode);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw Object.assign(error as Error, { path: file });
  }
}
