import { chmod, rename, rm, writeFile } from "node:fs/promises";

/**
 * Writes a file as a whole or not at all: where the disk is full, or the process is killed, what was there stays.
 *
 * @param mode permission bits
 * @throws the file system's own error, with the file as its path
 */
export async function writeWhole(file: string, text: string, mode = 0o644): Promise<void> {
  const draft = `${file}.${process.pid}`;
  try {
    await writeFile(draft, text, { mode });
    await chmod(draft, mode);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw Object.assign(error as Error, { path: file });
  }
}
