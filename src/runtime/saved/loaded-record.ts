import { readdirSync } from "node:fs";
import { ReynsError } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import { writeFileAtomic } from "../../lib/write-file-atomic.ts";
import { hostConfFile, privateFolder } from "../../model/resource-names.ts";
import type { SavedFile } from "../../model/saved-project.ts";
import { loadedRecordFile, readLoadedDocument } from "./loaded-images.ts";
import type { SavedProject } from "./open.ts";

/** What `load` has put into a folder: `.reyns/loaded.json`. */
export interface LoadedRecord {
  readonly project: string;
  /** Path -> what was put there, as `contentOf` writes it. */
  readonly files: Readonly<Record<string, string>>;
  /** What was there before, while a load is at work: after one that was killed, either may be there. */
  readonly former: Readonly<Record<string, string>>;
}

/** A file's digest, "link to TARGET", or "folder". */
export function contentOf({ type, digest, target }: SavedFile): string {
  if (type === "directory") return "folder";
  return type === "symlink" ? `link to ${target ?? ""}` : (digest ?? "");
}

/**
 * What an earlier load has put into a folder; nothing for a new or empty one.
 *
 * @throws ReynsError FILE_REFUSED for a folder with anything else
 */
export function readLoadedRecord(folder: string, { index, file }: SavedProject): LoadedRecord {
  const record = parseRecord(folder);
  const hint = `choose another folder: reyns load ${file} folder=PATH`;
  if (record && record.project !== index.project)
    throw new ReynsError(
      "FILE_REFUSED",
      `${folder} has the project ${record.project}, not ${index.project}`,
      { hint },
    );
  if (record) return record;
  const unknown = namesIn(folder).filter((name) => ![privateFolder, hostConfFile].includes(name));
  if (unknown.length === 0) return { project: index.project, files: {}, former: {} };
  const message = `${folder} has files that no load has put there, such as ${unknown[0]}`;
  throw new ReynsError("FILE_REFUSED", message, { hint });
}

function parseRecord(folder: string): LoadedRecord | undefined {
  const record = readLoadedDocument(folder);
  if (!record || !isRecord(record["files"])) return undefined;
  const { project, files, former } = record;
  return {
    project: String(project),
    files: files as Record<string, string>,
    former: isRecord(former) ? (former as Record<string, string>) : {},
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/**
 * @param images name -> id on this Engine
 * @param former what may still be there instead, before the files are put there
 */
export function writeLoadedRecord(
  folder: string,
  { index, name, id }: SavedProject,
  images: Readonly<Record<string, string>>,
  former?: LoadedRecord["files"],
): void {
  const files = Object.fromEntries(index.files.map((file) => [file.path, contentOf(file)]));
  const { project, savedAt } = index;
  const record = { project, from: name, id, savedAt, images, files, former };
  writeFileAtomic(loadedRecordFile(folder), `${JSON.stringify(record, undefined, 2)}\n`);
}
