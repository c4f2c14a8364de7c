import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
} from "node:fs";
import { join, relative } from "node:path";
import { ReynsError, throwAll } from "../../errors.ts";
import { sha256 } from "../../lib/sha256.ts";
import { dataFolderMarker } from "../../model/resource-names.ts";
import type { SavedFile } from "../../model/saved-project.ts";
import { baseError } from "./load.ts";
import { contentOf, type LoadedRecord } from "./loaded-record.ts";
import { parentsOf } from "./links.ts";
import type { SavedProject } from "./open.ts";

/** What a load does with the files of a folder. */
export interface FileChanges {
  readonly write: readonly SavedFile[];
  /** Those that have their content, and other permissions. */
  readonly chmod: readonly SavedFile[];
  /** Paths of what an earlier load has put there, and the project no longer has. */
  readonly remove: readonly string[];
  /** Paths of those that stay: a folder above them is a link now, or one of data. */
  readonly kept: readonly string[];
  /** Paths of what somebody has changed since, and a load would overwrite or remove. */
  readonly changed: readonly string[];
}

/**
 * Compares the files of a saved project with those of a folder.
 *
 * @throws ReynsErrors FILE_REFUSED for files with something else in their places, and for those of a base that is missing
 */
export function compareFiles(
  folder: string,
  saved: SavedProject,
  record: LoadedRecord,
): FileChanges {
  const { files, filesOfBase } = saved.index;
  const before = new Set([...Object.keys(record.files), ...Object.keys(record.former)]);
  throwAll(files.flatMap((file) => blockedBy(folder, file, before) ?? []));
  const present = new Map(files.map(({ path }) => [path, contentAt(folder, path)]));
  const ofBase = new Set(filesOfBase);
  const lost = files.find(({ path, ...file }) => {
    return ofBase.has(path) && present.get(path) !== contentOf({ path, ...file });
  });
  if (lost) throw baseError(saved, `${join(folder, lost.path)} is not as it was in that one`);
  const write = files.filter((file) => present.get(file.path) !== contentOf(file));
  const named = new Set(files.map(({ path }) => path));
  const gone = [...before].filter((path) => !named.has(path) && isThere(folder, path));
  const remove = gone.filter((path) => isWithin(folder, path));
  const isChanged = (path: string): boolean => {
    const content = contentAt(folder, path);
    if (content === undefined) return false;
    // A folder of what an earlier load has put there, and nothing else.
    if (content === "folder" && isFolderOf(before, path)) return false;
    return content !== record.files[path] && content !== record.former[path];
  };
  return {
    write,
    chmod: files.filter((file) => !write.includes(file) && hasOtherMode(folder, file)),
    remove,
    kept: gone.filter((path) => !remove.includes(path)),
    changed: [...write.map(({ path }) => path), ...remove].filter(isChanged),
  };
}

function hasOtherMode(folder: string, { path, type, mode }: SavedFile): boolean {
  return type === "file" && (lstatSync(join(folder, path)).mode & 0o7777) !== mode;
}

/** Why a file cannot be written where it belongs. What an earlier load has put in its way is removed first. */
function blockedBy(
  folder: string,
  { path, type }: SavedFile,
  before: ReadonlySet<string>,
): ReynsError | undefined {
  for (const parent of parentsOf(path).toReversed()) {
    const stats = statOf(join(folder, parent));
    // What an earlier load has put there is replaced by a folder.
    if (stats && !stats.isDirectory() && before.has(parent)) return undefined;
    if (stats && !stats.isDirectory())
      return blocked(join(folder, parent), stats.isSymbolicLink() ? "a link" : "a file");
    if (existsSync(join(folder, parent, dataFolderMarker)))
      return blocked(join(folder, parent), "a folder of data");
  }
  if (type === "directory" || !statOf(join(folder, path))?.isDirectory()) return undefined;
  const inWay = filesBelow(folder, path).some((other) => !before.has(other));
  return inWay ? blocked(join(folder, path), "a folder") : undefined;
}

function filesBelow(folder: string, path: string): string[] {
  return readdirSync(join(folder, path), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function blocked(path: string, what: string): ReynsError {
  return new ReynsError(
    "FILE_REFUSED",
    `${path} is ${what}, where the project has something else`,
    {
      hint: "move it away, or choose another folder with folder=PATH",
    },
  );
}

/** What is at a path, as `contentOf` writes it; undefined for nothing. A folder that is a link has nothing. */
function contentAt(folder: string, path: string): string | undefined {
  const file = join(folder, path);
  const stats = isWithin(folder, path) ? statOf(file) : undefined;
  if (!stats) return undefined;
  if (stats.isSymbolicLink()) return `link to ${readlinkSync(file)}`;
  if (stats.isDirectory()) return "folder";
  if (!stats.isFile()) return "other";
  return `sha256:${sha256(readFileSync(file)).toString("hex")}`;
}

function isThere(folder: string, path: string): boolean {
  return statOf(join(folder, path)) !== undefined;
}

/** Whether all folders above a path are real ones, and none of data. */
function isWithin(folder: string, path: string): boolean {
  return parentsOf(path).every(
    (parent) =>
      statOf(join(folder, parent))?.isDirectory() &&
      !existsSync(join(folder, parent, dataFolderMarker)),
  );
}

function isFolderOf(paths: ReadonlySet<string>, folder: string): boolean {
  return paths.values().some((path) => path.startsWith(`${folder}/`));
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
