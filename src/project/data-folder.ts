import { existsSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { join, sep } from "node:path";
import { ReynsError } from "../errors.ts";
import { writeFileAtomic } from "../lib/write-file-atomic.ts";
import type { Project } from "../model/project.ts";
import { dataFolderMarker, folderOfOrigin } from "../model/resource-names.ts";
import { readRegularFile } from "../lib/read-regular-file.ts";

type OwnedFolder = Pick<Project, "name" | "folder" | "origin" | "movedFrom" | "dataFolder">;

interface Owner {
  readonly project: string;
  /** The project's origin. */
  readonly folder: string;
  /** Path of the data folder when it was claimed: a copy elsewhere belongs to no project. */
  readonly data: string;
}

/**
 * Checks that the data folder does not belong to another project. A folder that was moved or copied, or whose project
 * does not exist any more, may be claimed.
 *
 * @throws ReynsError INVALID_PROJECT if it belongs to another project
 */
export function checkDataFolder({ name, origin, dataFolder }: OwnedFolder): void {
  const owner = readOwner(dataFolder);
  if (!owner || (owner.project === name && owner.folder === origin)) return;
  if (owner.data !== realpathSync(dataFolder) || !existsSync(folderOfOrigin(owner.folder))) return;
  const message = `${dataFolder} holds the data of another project: ${owner.project} in ${owner.folder}`;
  const hint = `set DATA_DIR to another folder; to use this data from now on: rm ${join(dataFolder, dataFolderMarker)}`;
  throw new ReynsError("INVALID_PROJECT", message, { hint });
}

/** Whether the data folder is there and names this project as its owner. */
export function isOwnDataFolder(project: OwnedFolder): boolean {
  const { name, origin, dataFolder } = project;
  const owner = readOwner(dataFolder);
  if (owner?.project !== name || owner.folder !== origin) return false;
  return formerPaths(realpathSync(dataFolder), project).includes(owner.data);
}

/** Where a path is, and where it was while the project's folder was elsewhere. */
function formerPaths(
  path: string,
  { folder, movedFrom = [] }: Pick<OwnedFolder, "folder" | "movedFrom">,
): string[] {
  const isInside = path.startsWith(folder + sep);
  return [path, ...(isInside ? movedFrom.map((former) => former + path.slice(folder.length)) : [])];
}

/**
 * Creates the data folder and records its project. If that fails, folders created here are removed.
 *
 * @throws ReynsError FILE_REFUSED if it is not writable; the file system's own error if the disk is full
 */
export function claimDataFolder({ name, origin, dataFolder }: OwnedFolder): void {
  const created = mkdirSync(dataFolder, { recursive: true });
  const data = realpathSync(dataFolder);
  const previous = readOwner(dataFolder);
  if (previous?.project === name && previous.folder === origin && previous.data === data) return;
  const owner: Owner = { project: name, folder: origin, data };
  try {
    writeFileAtomic(join(dataFolder, dataFolderMarker), `${JSON.stringify(owner)}\n`);
  } catch (error) {
    if (created !== undefined) rmSync(created, { recursive: true });
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw error;
    const message = `cannot write to the data folder ${dataFolder}: ${(error as Error).message}`;
    const hint =
      "nothing was started; make it writable for this user, or set DATA_DIR to another folder";
    throw new ReynsError("FILE_REFUSED", message, { hint, cause: error });
  }
}

function readOwner(dataFolder: string): Owner | undefined {
  const file = join(dataFolder, dataFolderMarker);
  if (!existsSync(file)) return undefined;
  try {
    const { project, folder, data } = JSON.parse(
      readRegularFile(file).toString(),
    ) as Partial<Owner>;
    return project === undefined || folder === undefined || data === undefined
      ? undefined
      : { project, folder, data };
  } catch {
    // Edited by hand: the owner is unknown.
    return undefined;
  }
}
