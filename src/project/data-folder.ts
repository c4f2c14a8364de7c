import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ReynsError } from "../errors.ts";
import { writeFileAtomic } from "../lib/write-file-atomic.ts";
import type { Project } from "../model/project.ts";

/** In a project's data folder: says whose it is. */
export const ownerFile = ".reyns-project";

type Owned = Pick<Project, "name" | "folder" | "dataFolder">;

interface Owner {
  readonly project: string;
  /** The project's folder. */
  readonly folder: string;
  /** Where the data lay then: a copy of it elsewhere is nobody's. */
  readonly data: string;
}

/**
 * Makes sure that the data in a project's data folder is not that of another one. A folder that was moved or copied, and
 * one whose project is gone, may be taken over.
 *
 * @throws ReynsError INVALID_PROJECT
 */
export function checkDataFolder({ name, folder, dataFolder }: Owned): void {
  const owner = ownerOf(dataFolder);
  if (!owner || (owner.project === name && owner.folder === folder)) return;
  if (owner.data !== realpathSync(dataFolder) || !existsSync(owner.folder)) return;
  const message = `${dataFolder} has the data of another project: ${owner.project} in ${owner.folder}`;
  const hint = `set DATA_DIR to another folder; if the data shall be this project's from now on: rm ${join(dataFolder, ownerFile)}`;
  throw new ReynsError("INVALID_PROJECT", message, { hint });
}

/**
 * Makes the data folder, and writes down whose it is. If that fails, no folder stays that was not there.
 *
 * @throws ReynsError FILE_REFUSED; the file system's own error where the disk is full
 */
export function claimDataFolder({ name, folder, dataFolder }: Owned): void {
  const made = mkdirSync(dataFolder, { recursive: true });
  const data = realpathSync(dataFolder);
  const before = ownerOf(dataFolder);
  if (before?.project === name && before.folder === folder && before.data === data) return;
  const owner: Owner = { project: name, folder, data };
  try {
    writeFileAtomic(join(dataFolder, ownerFile), `${JSON.stringify(owner)}\n`);
  } catch (error) {
    if (made !== undefined) rmSync(made, { recursive: true });
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw error;
    const message = `the data folder ${dataFolder} cannot be written to: ${(error as Error).message}`;
    const hint = "nothing was started; give it to this user, or set DATA_DIR to another folder";
    throw new ReynsError("FILE_REFUSED", message, { hint, cause: error });
  }
}

function ownerOf(dataFolder: string): Owner | undefined {
  const file = join(dataFolder, ownerFile);
  if (!existsSync(file)) return undefined;
  try {
    const { project, folder, data } = JSON.parse(readFileSync(file, "utf8")) as Partial<Owner>;
    return project === undefined || folder === undefined || data === undefined
      ? undefined
      : { project, folder, data };
  } catch {
    // Somebody has written into it: it says nothing.
    return undefined;
  }
}
