import { existsSync, type Stats } from "node:fs";
import { lstat, open, readdir, readlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { dataFolderMarker, hostConfFile, privatePathsOf } from "../model/resource-names.ts";
import { linkStaysInside, type SavedFile } from "../model/saved-project.ts";
import { parseTrailer, trailerSize } from "../model/saved-trailer.ts";
import type { Project } from "../model/project.ts";
import { readIgnoreRules, type IgnoreFolder } from "./git-ignore-rules.ts";

type ListedFile = Pick<SavedFile, "path" | "type" | "mode" | "target">;

/** The files of a project that go to another machine with it. */
export interface FilesToSave {
  readonly files: readonly ListedFile[];
  /** Those that do not, although nothing ignores them. */
  readonly leftOut: readonly LeftOut[];
  /** Paths of files and folders that git ignores. */
  readonly ignored: readonly string[];
}

export interface LeftOut {
  /** Relative to the project's folder. */
  readonly path: string;
  readonly reason: string;
}

interface ListContext {
  readonly root: string;
  /** Absolute paths of what belongs to this host. */
  readonly own: ReadonlySet<string>;
  readonly isSecret: IsSecret;
  readonly files: ListedFile[];
  readonly leftOut: LeftOut[];
  readonly ignored: string[];
}

/** The reason why a file must not leave this machine; undefined if there is none. */
export type IsSecret = (path: string) => Promise<string | undefined>;

/**
 * Lists the files of a project's folder: all but what belongs to this host (`.reyns`, `host.conf`, data), `.git`, what a
 * `.gitignore` ignores, and secrets. Links stay links.
 *
 * @throws the file system's errors
 */
export async function listFilesToSave(
  project: Pick<Project, "folder" | "origin" | "dataFolder">,
  isSecret: IsSecret,
): Promise<FilesToSave> {
  const { folder: root } = project;
  const own = new Set([...privatePathsOf(project), join(root, ".git")]);
  const context: ListContext = { root, own, isSecret, files: [], leftOut: [], ignored: [] };
  await visit(root, readIgnoreRules(root), context);
  const { files, leftOut, ignored } = context;
  const links = new Map(
    files.flatMap(({ path, target }) => (target === undefined ? [] : [[path, target] as const])),
  );
  const isInside = ({ path, target }: ListedFile): boolean =>
    target === undefined || linkStaysInside(path, target, links);
  return {
    files: files.filter(isInside),
    leftOut: [...leftOut, ...files.filter((file) => !isInside(file)).map(outside)],
    ignored,
  };
}

/** @returns whether nothing of the folder is saved, so that only an entry of its own keeps it */
async function visit(folder: string, rules: IgnoreFolder, context: ListContext): Promise<boolean> {
  const { files, leftOut, root } = context;
  const before = files.length;
  for (const name of (await readdir(folder)).toSorted()) {
    const path = join(folder, name);
    const stats = await lstat(path);
    if (isOwn(path, name, context)) continue;
    if (rules.isIgnored(name, stats.isDirectory())) {
      context.ignored.push(relative(root, path));
      continue;
    }
    const listed = { path: relative(root, path), mode: stats.mode & 0o7777 };
    // Some file systems take no notice of the case.
    if (name.toLowerCase() === hostConfFile) {
      leftOut.push({ path: listed.path, reason: "values of a host" });
      continue;
    }
    if (stats.isDirectory()) {
      const isEmpty = await visit(path, rules.enter(name), context);
      if (isEmpty) files.push({ ...listed, type: "directory" });
      continue;
    }
    const entry = await entryOf(path, stats, listed, context);
    if (entry === undefined) continue;
    if ("reason" in entry) leftOut.push(entry);
    else files.push(entry);
  }
  return files.length === before;
}

/** Another save of the project, or what one that was killed has left. */
const savedFile = /\.reyns(?:\.\d+\.part)?$/i;

/** What stays here without a word. */
function isOwn(path: string, name: string, { own }: ListContext): boolean {
  return (
    own.has(path) ||
    name.toLowerCase() === ".git" ||
    savedFile.test(name) ||
    existsSync(join(path, dataFolderMarker))
  );
}

async function entryOf(
  path: string,
  stats: Stats,
  listed: Pick<ListedFile, "path" | "mode">,
  { isSecret }: ListContext,
): Promise<ListedFile | LeftOut | undefined> {
  if (stats.isSymbolicLink()) {
    const target = await readlink(path);
    if (linkStaysInside(listed.path, target))
      return { ...listed, mode: 0o777, type: "symlink", target };
    return outside({ path: listed.path, target });
  }
  if (!stats.isFile()) return { path: listed.path, reason: "neither file, folder nor link" };
  if (await isSaved(path, stats.size)) return undefined;
  const reason = await isSecret(path);
  return reason === undefined ? { ...listed, type: "file" } : { path: listed.path, reason };
}

function outside({ path, target = "" }: Pick<ListedFile, "path" | "target">): LeftOut {
  return { path, reason: `a link that leads out of the folder, to ${target}` };
}

/** Whether a file is another save of the project, whatever its name. */
async function isSaved(path: string, size: number): Promise<boolean> {
  if (size <= trailerSize) return false;
  await using handle = await open(path, "r");
  const { buffer } = await handle.read(
    Buffer.alloc(trailerSize),
    0,
    trailerSize,
    size - trailerSize,
  );
  return parseTrailer(buffer) !== undefined;
}
