import { join } from "node:path";
import { isRecord } from "../../lib/is-record.ts";
import { readUnlinkedJson } from "../../lib/read-regular-file.ts";
import { privateFolder } from "../../model/resource-names.ts";

/** What `load` has put into a folder, and into the Engine for it. */
export function loadedRecordFile(folder: string): string {
  return join(folder, privateFolder, "loaded.json");
}

/** The content of the record of a folder; undefined where there is none, or it is damaged. */
export function readLoadedDocument(folder: string): Readonly<Record<string, unknown>> | undefined {
  const record = readUnlinkedJson(loadedRecordFile(folder));
  return isRecord(record) ? record : undefined;
}

/** Ids of the images that `load` has brought for the project of a folder. */
export function readLoadedImages(folder: string): ReadonlySet<string> {
  const images = readLoadedDocument(folder)?.["images"];
  return new Set(isRecord(images) ? Object.values(images).map(String) : []);
}
