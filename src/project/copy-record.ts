import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ReynsError } from "../errors.ts";
import { compareStrings } from "../lib/compare-strings.ts";
import type { Environment } from "../lib/environment.ts";
import { isRecord } from "../lib/is-record.ts";
import { readUnlinkedJson } from "../lib/read-regular-file.ts";
import { writeFileAtomic } from "../lib/write-file-atomic.ts";
import type { CopyRecord } from "../model/copy-record.ts";
import { isDnsLabel } from "../model/host-names.ts";
import type { ProjectFolder } from "../model/project.ts";
import { isSelectedBy, selectionOf } from "../model/engine-selection.ts";
import { asCopy } from "./copies.ts";
import { copyNameOf } from "../model/copy-origin.ts";
import { copiesFolder, stateFolder, throwAwayFolder } from "../model/resource-names.ts";

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

/** The copies whose time is over, and that are on the Engine and in the data folder that an environment selects. */
export function listExpiredCopies(place: ProjectFolder, now: Date, env: Environment): string[] {
  return listCopyNames(place.folder).filter((name) => isExpired(asCopy(place, name), now, env));
}

/** Elsewhere nothing of a copy would be found, and it would be taken for removed. */
export function isExpired(place: ProjectFolder, now: Date, env: Environment): boolean {
  const { expiresAt, selection } = readCopyRecord(place) ?? {};
  if (expiresAt === undefined || selection === undefined) return false;
  return new Date(expiresAt) <= now && isSelectedBy(env, selection);
}

/** @returns undefined for a copy that has not been run, or whose record is damaged */
export function readCopyRecord(place: ProjectFolder): CopyRecord | undefined {
  const value = readUnlinkedJson(fileOf(place));
  return isCopyRecord(value) ? value : undefined;
}

function isCopyRecord(value: unknown): value is CopyRecord {
  if (!isRecord(value) || !isTime(value["createdAt"])) return false;
  const { expiresAt, from, selection } = value;
  return (
    ["boolean", "undefined"].includes(typeof value["oneEngine"]) &&
    (expiresAt === undefined || isTime(expiresAt)) &&
    ["string", "undefined"].includes(typeof from) &&
    (selection === undefined || isRecord(selection))
  );
}

function isTime(value: unknown): boolean {
  return typeof value === "string" && !Number.isNaN(new Date(value).getTime());
}

/**
 * Records that a copy exists from now on, if it does not yet, and what else is new of it.
 *
 * @throws ReynsError FILE_REFUSED where what is new cannot be recorded
 */
export function recordCopy(
  place: ProjectFolder,
  now: Date,
  changes: Pick<CopyRecord, "expiresAt" | "from"> = {},
): void {
  const before = readCopyRecord(place);
  const hasChanges = Object.keys(changes).length > 0;
  if (before && !hasChanges) return;
  const selection = selectionOf(process.env);
  const oneEngine = isClaimed(place) ? { oneEngine: true } : {};
  const created = { createdAt: now.toISOString(), selection, ...oneEngine };
  const record: CopyRecord = { ...created, ...before, ...changes };
  try {
    mkdirSync(stateFolder(place), { recursive: true });
    writeFileAtomic(fileOf(place), `${JSON.stringify(record, undefined, 2)}\n`);
  } catch (error) {
    // A read-only project folder: what runs is listed all the same.
    if (!hasChanges) return;
    const message = `cannot write ${fileOf(place)}: ${(error as Error).message}`;
    const hint = "a copy with ttl= or from= needs a folder of the project that this user can write";
    throw new ReynsError("FILE_REFUSED", message, { hint, cause: error });
  }
}

/** Whether a copy runs on the caller's Engine alone, whatever machines its definition names: that of a `reyns test`. */
export function isOnOneEngine(place: ProjectFolder): boolean {
  return isClaimed(place) || readCopyRecord(place)?.oneEngine === true;
}

/** Whether a `reyns test` works in it, or worked in it until it was killed. */
function isClaimed({ folder, origin }: ProjectFolder): boolean {
  const copy = copyNameOf(origin);
  return copy !== undefined && existsSync(join(throwAwayFolder(folder), copy));
}

function fileOf(place: ProjectFolder): string {
  return join(stateFolder(place), recordName);
}
