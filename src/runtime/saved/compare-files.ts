import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { ReynsError, throwAll } from "../../errors.ts";
import { sha256 } from "../../lib/sha256.ts";
import { dataFolderMarker } from "../../model/resource-names.ts";
import { linkStaysInside, type SavedFile } from "../../model/saved-project.ts";
import { baseError } from "./load.ts";
import { contentOf, type LoadedRecord } from "./loaded-record.ts";
import { savedError, type SavedProject } from "./open.ts";

/** What a load does with the files of a folder. */
export interface FileChanges {
  readonly write: readonly SavedFile[];
  /** Those that have their content, and other permissions. */
  readonly chmod: readonly SavedFile[];
  /** Paths of what an earlier load has put there, and the project no longer has. */
  readonly remove: readonly string[];
  /** Paths of what somebody has changed since, and a load would overwrite or remove. */
  readonly changed: readonly string[];
}

/**
 * Compares the files of a saved project with those of a folder.
 *
 * @throws ReynsErrors FILE_REFUSED for files that would lie outside of the folder, and for those of a base that is missing
 */
export function compareFiles(
  folder: string,
  saved: SavedProject,
  { files: before }: LoadedRecord,
): FileChanges {
  const { files, filesOfBase } = saved.index;
  checkLinks(saved);
  throwAll(files.flatMap((file) => blockedBy(folder, file, before) ?? []));
  const present = new Map(files.map((file) => [file.path, contentAt(join(folder, file.path))]));
  const ofBase = new Set(filesOfBase);
  const lost = files.find(({ path, ...file }) => {
    return ofBase.has(path) && present.get(path) !== contentOf({ path, ...file });
  });
  if (lost) throw baseError(saved, `${join(folder, lost.path)} is not as it was in that one`);
  const write = files.filter((file) => present.get(file.path) !== contentOf(file));
  const kept = new Set(files.map(({ path }) => path));
  const remove = Object.keys(before).filter(
    (path) => !kept.has(path) && contentAt(join(folder, path)) !== undefined,
  );
  const isChanged = (path: string): boolean => {
    const content = contentAt(join(folder, path));
    return content !== undefined && content !== before[path];
  };
  return {
    write,
    chmod: files.filter((file) => !write.includes(file) && hasOtherMode(folder, file)),
    remove,
    changed: [...write.map(({ path }) => path), ...remove].filter(isChanged),
  };
}

function hasOtherMode(folder: string, { path, type, mode }: SavedFile): boolean {
  return type === "file" && (lstatSync(join(folder, path)).mode & 0o777) !== mode;
}

/** @throws ReynsError FILE_REFUSED when a link leads out of the folder, or a file lies behind a link */
function checkLinks({ file, index }: SavedProject): void {
  const links = new Set<string>();
  for (const { path, type, target = "" } of index.files) {
    if (type !== "symlink") continue;
    if (!linkStaysInside(path, target))
      throw savedError(file, `the link ${path} leads out of the project's folder: ${target}`);
    links.add(path);
  }
  const behind = index.files.find(({ path }) =>
    parentsOf(path).some((parent) => links.has(parent)),
  );
  if (behind) throw savedError(file, `${behind.path} lies behind a link`);
}

/** "a/b/c" -> "a/b", "a" */
function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === "." ? [] : [parent, ...parentsOf(parent)];
}

/** Why a file cannot be written where it belongs. What an earlier load has put in its way is removed first. */
function blockedBy(
  folder: string,
  { path, type }: SavedFile,
  before: LoadedRecord["files"],
): ReynsError | undefined {
  for (const parent of parentsOf(path)) {
    const stats = statOf(join(folder, parent));
    if (stats && !stats.isDirectory() && !(parent in before))
      return blocked(join(folder, parent), stats.isSymbolicLink() ? "a link" : "a file");
    if (existsSync(join(folder, parent, dataFolderMarker)))
      return blocked(join(folder, parent), "a folder of data");
  }
  if (type === "directory" || !statOf(join(folder, path))?.isDirectory()) return undefined;
  const inWay = filesBelow(folder, path).some((other) => !(other in before));
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

/** What is at a path, as `contentOf` writes it; undefined for nothing. */
function contentAt(path: string): string | undefined {
  const stats = statOf(path);
  if (!stats) return undefined;
  if (stats.isSymbolicLink()) return `link to ${readlinkSync(path)}`;
  if (stats.isDirectory()) return "folder";
  if (!stats.isFile()) return "other";
  return `sha256:${sha256(readFileSync(path)).toString("hex")}`;
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
