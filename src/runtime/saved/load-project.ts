import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { privateFolder } from "../../model/resource-names.ts";
import type { Engine } from "../connect.ts";
import { createPrivateFolder } from "../private-folder.ts";
import { compareFiles, type FileChanges } from "./compare-files.ts";
import { findLoaded, loadSaved, requireBaseLayers, type LoadedImage } from "./load.ts";
import { readLoadedRecord, writeLoadedRecord } from "./loaded-record.ts";
import type { SavedProject } from "./open.ts";
import { placeFiles } from "./place-files.ts";

/** What a load will do with the files of a folder. */
export interface LoadPlan extends FileChanges {
  /** There is no such folder yet. */
  readonly isNew: boolean;
}

/** @throws ReynsErrors FILE_REFUSED for a folder that cannot get the project */
export function planLoad(folder: string, saved: SavedProject): LoadPlan {
  const record = readLoadedRecord(folder, saved);
  return { ...compareFiles(folder, saved, record), isNew: !existsSync(folder) };
}

interface LoadProjectOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
}

/**
 * Loads the images, and then puts the files into the folder, which takes a moment. What fails before leaves the folder as
 * it was.
 *
 * @returns the images as this Engine has them
 * @throws ReynsError FILE_REFUSED, NO_ENGINE, ENGINE_REFUSED; the file system's errors
 */
export async function loadProjectInto(
  engine: Engine,
  folder: string,
  saved: SavedProject,
  options: LoadProjectOptions,
): Promise<LoadedImage[]> {
  await requireBaseLayers(engine, saved);
  const { isNew } = planLoad(folder, saved);
  const stage = join(folder, privateFolder, "loading");
  let isPlaced = false;
  try {
    mkdirSync(folder, { recursive: true });
    createPrivateFolder(join(folder, privateFolder));
    await loadSaved(engine, saved, { ...options, stage });
    const loaded = await findLoaded(engine, saved.index);
    const ids = loaded.flatMap(({ name, id }) => (id === undefined ? [] : [[name, id] as const]));
    // It may have changed meanwhile.
    const changes = planLoad(folder, saved);
    isPlaced = true;
    placeFiles({ ...changes, folder, stage, receipts: saved.index.receipts });
    writeLoadedRecord(folder, saved, Object.fromEntries(ids));
    return loaded;
  } finally {
    rmSync(isNew && !isPlaced ? folder : stage, { recursive: true, force: true });
  }
}
