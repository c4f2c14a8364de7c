import { chmod, lstat, mkdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TarEntry } from "./tar.ts";

/** Files exist with other content. */
export class FileConflict extends Error {
  override readonly name = "FileConflict";
  readonly files: readonly string[];

  constructor(files: readonly string[]) {
    super(`files exist with other content: ${files.join(", ")}`);
    this.files = files;
  }
}

type Comparison = "absent" | "equal" | "different";

/** Compares an entry with what exists at `path`. Never follows links. */
async function compareWith(entry: TarEntry, path: string): Promise<Comparison> {
  const stat = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (!stat) return "absent";
  if (entry.type === "directory") return stat.isDirectory() ? "equal" : "different";
  if (entry.type === "symlink") {
    return stat.isSymbolicLink() && (await readlink(path)) === entry.linkname
      ? "equal"
      : "different";
  }
  return stat.isFile() && (await readFile(path)).equals(entry.content) ? "equal" : "different";
}

async function writeEntry(entry: TarEntry, path: string): Promise<void> {
  if (entry.type === "directory") {
    await mkdir(path, { recursive: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  if (entry.type === "symlink") return symlink(entry.linkname ?? "", path);
  await writeFile(path, entry.content, { flag: "wx" }).catch(async (error) => {
    // An incomplete file would be a conflict for the next attempt.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") await rm(path, { force: true });
    throw Object.assign(error as Error, { path });
  });
  // Regardless of the umask, because images copy these files with their modes.
  await chmod(path, entry.mode);
}

/**
 * Writes entries (parents before children) into a folder, which is created if necessary, with modes and links. Skips
 * files that exist with the same content.
 *
 * @returns the names of the files and links written
 * @throws FileConflict when files exist with other content; nothing is written then
 */
export async function writeEntries(
  entries: readonly TarEntry[],
  folder: string,
): Promise<string[]> {
  const comparisons = await Promise.all(
    entries.map((entry) => compareWith(entry, join(folder, entry.name))),
  );
  const conflicts = entries.filter((_, index) => comparisons[index] === "different");
  if (conflicts.length > 0) throw new FileConflict(conflicts.map(({ name }) => name));
  const absent = entries.filter((_, index) => comparisons[index] === "absent");
  await mkdir(folder, { recursive: true });
  for (const entry of absent) await writeEntry(entry, join(folder, entry.name));
  return absent.filter(({ type }) => type !== "directory").map(({ name }) => name);
}
