import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { formatSize } from "../../lib/format-size.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { privateFolder } from "../../model/resource-names.ts";
import type { Engine } from "../connect.ts";
import { createPrivateFolder } from "../private-folder.ts";
import { compareFiles, type FileChanges } from "./compare-files.ts";
import { findLoaded, loadSaved, requireBaseLayers, type LoadedImage } from "./load.ts";
import { readLoadedRecord, writeLoadedRecord } from "./loaded-record.ts";
import type { SavedProject } from "./open.ts";
import { placeFiles } from "./place-files.ts";

/**
 * What a load will do with the files of a folder.
 *
 * @throws ReynsErrors FILE_REFUSED for a folder that cannot get the project
 */
export function planLoad(folder: string, saved: SavedProject): FileChanges {
  return compareFiles(folder, saved, readLoadedRecord(folder, saved));
}

interface LoadProjectOptions {
  /** Paths of changed files that may be overwritten; all of them when undefined. */
  readonly agreed: readonly string[] | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
}

interface LoadedProject {
  /** As this Engine has them. */
  readonly images: readonly LoadedImage[];
  readonly kept: FileChanges["kept"];
}

/**
 * Loads the images, and then puts the files into the folder, which takes a moment. What fails before leaves the folder as
 * it was. The caller holds the lock of the folder.
 *
 * @throws ReynsError FILE_REFUSED, NO_ENGINE, ENGINE_REFUSED; the file system's errors
 */
export async function loadProjectInto(
  engine: Engine,
  folder: string,
  saved: SavedProject,
  { agreed, ...options }: LoadProjectOptions,
): Promise<LoadedProject> {
  await requireBaseLayers(engine, saved);
  planLoad(folder, saved);
  const stage = createStage(folder);
  try {
    await requireSpace(folder, saved);
    await loadSaved(engine, saved, { ...options, stage });
    const images = await findLoaded(engine, saved.index);
    const ids = images.flatMap(({ name, id }) => (id === undefined ? [] : [[name, id] as const]));
    const kept = placeProject(folder, saved, { stage, agreed, ids: Object.fromEntries(ids) });
    return { images, kept };
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/**
 * Refuses files for which the folder has no space: they are in it twice for a moment.
 *
 * @throws ReynsError FILE_REFUSED
 */
export async function requireSpace(folder: string, { file, index }: SavedProject): Promise<void> {
  const ofBase = new Set(index.filesOfBase);
  const sizes = [...index.files.filter(({ path }) => !ofBase.has(path)), ...index.receipts];
  const needed = 2 * sizes.reduce((sum, { size }) => sum + size, 0);
  const { bavail, bsize, blocks } = await statfs(folder);
  // Some file systems do not report it.
  if (blocks === 0 || needed <= bavail * bsize) return;
  const text = `${folder} has ${formatSize(bavail * bsize)} free, and the files of ${file} need ${formatSize(needed)}; nothing was loaded`;
  throw new ReynsError("FILE_REFUSED", text, {
    hint: "free some space, or choose another folder with folder=PATH",
  });
}

const stagePrefix = "loading-";

/** Removes those of loads that were killed. */
function createStage(folder: string): string {
  const own = join(folder, privateFolder);
  mkdirSync(folder, { recursive: true });
  createPrivateFolder(own);
  for (const name of readdirSync(own))
    if (name.startsWith(stagePrefix)) rmSync(join(own, name), { recursive: true, force: true });
  return mkdtempSync(join(own, stagePrefix));
}

interface PlaceOptions extends Pick<LoadProjectOptions, "agreed"> {
  readonly stage: string;
  /** Name -> id of images. */
  readonly ids: Readonly<Record<string, string>>;
}

/**
 * Puts staged files into the folder, and records them before and after: one that is killed meanwhile can be repeated.
 *
 * @returns paths of what stays although it is not part of the project any more
 * @throws ReynsError FILE_REFUSED for files that were changed since the user was asked
 */
export function placeProject(
  folder: string,
  saved: SavedProject,
  { stage, agreed, ids }: PlaceOptions,
): FileChanges["kept"] {
  const before = readLoadedRecord(folder, saved);
  const changes = compareFiles(folder, saved, before);
  const unexpected = agreed ? changes.changed.filter((path) => !agreed.includes(path)) : [];
  if (unexpected.length > 0) throw changedMeanwhile(folder, unexpected);
  writeLoadedRecord(folder, saved, ids, { ...before.former, ...before.files });
  placeFiles({ ...changes, folder, stage, receipts: saved.index.receipts });
  writeLoadedRecord(folder, saved, ids);
  return changes.kept;
}

function changedMeanwhile(folder: string, paths: readonly string[]): ReynsError {
  const names = summarizeList(paths, 5);
  const message = `changed in ${folder} while the images were loaded: ${names}; the images were loaded, and no file was changed`;
  return new ReynsError("FILE_REFUSED", message, {
    hint: "keep copies of them elsewhere, then load again with force=true",
  });
}

/** Removes a folder that was made for a load which failed, unless there is anything in it by now. */
export function removeUnused(folder: string): void {
  const own = join(folder, privateFolder);
  const made = new Set([".gitignore", "lock", "project.json"]);
  try {
    if (readdirSync(folder).length > 1 || !readdirSync(own).every((name) => made.has(name))) return;
    for (const name of made) rmSync(join(own, name), { force: true });
    rmdirSync(own);
    rmdirSync(folder);
  } catch {
    // Something else has come, or somebody has removed it.
  }
}
