import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { compareStrings } from "../lib/compare-strings.ts";
import { isRecord } from "../lib/is-record.ts";
import { readUnlinkedFile } from "../lib/read-regular-file.ts";
import { writeFileAtomic } from "../lib/write-file-atomic.ts";
import type { CopyRecord } from "../model/copy-record.ts";
import { isDnsLabel } from "../model/host-names.ts";
import type { ProjectFolder } from "../model/project.ts";
import { asCopy } from "./copies.ts";
import { copiesFolder, stateFolder } from "../model/resource-names.ts";

const recordName = "copy.json";

/** The names of the copies that have been run in a project's folder, and not been removed. */
export function listCopyNames(folder: string): string[] {
  try {
    const entries = readdirSync(copiesFolder(folder), { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory() && isDnsLabel(entry.name));
    return folders
      .map(({ name }) => name)
      .filter((name) => existsSync(join(copiesFolder(folder), name, recordName)))
      .toSorted(compareStrings);
  } catch {
    return [];
  }
}

/** The copies whose time is over. @param now milliseconds since 1970 */
export function listExpiredCopies(place: ProjectFolder, now: number): string[] {
  return listCopyNames(place.folder).filter((name) => {
    const { expiresAt } = readCopyRecord(asCopy(place, name)) ?? {};
    return expiresAt !== undefined && new Date(expiresAt).getTime() <= now;
  });
}

/** @returns undefined for a copy that has not been run, or whose record is damaged */
export function readCopyRecord(place: ProjectFolder): CopyRecord | undefined {
  try {
    const value: unknown = JSON.parse(readUnlinkedFile(fileOf(place)).toString());
    return isCopyRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isCopyRecord(value: unknown): value is CopyRecord {
  if (!isRecord(value) || !isTime(value["createdAt"])) return false;
  const { expiresAt, from } = value;
  return (
    (expiresAt === undefined || isTime(expiresAt)) && ["string", "undefined"].includes(typeof from)
  );
}

function isTime(value: unknown): boolean {
  return typeof value === "string" && !Number.isNaN(new Date(value).getTime());
}

/** Records that a copy exists from now on, if it does not yet, and what else is new of it. */
export function recordCopy(
  place: ProjectFolder,
  now: Date,
  changes: Pick<CopyRecord, "expiresAt" | "from"> = {},
): void {
  const before = readCopyRecord(place);
  if (before && Object.keys(changes).length === 0) return;
  const record: CopyRecord = { createdAt: now.toISOString(), ...before, ...changes };
  try {
    mkdirSync(stateFolder(place), { recursive: true });
    writeFileAtomic(fileOf(place), `${JSON.stringify(record, undefined, 2)}\n`);
  } catch {
    // A read-only project folder: what runs is listed all the same.
  }
}

function fileOf(place: ProjectFolder): string {
  return join(stateFolder(place), recordName);
}
