import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ReynsError } from "../errors.ts";
import type { Environment } from "../lib/environment.ts";
import { isRecord } from "../lib/is-record.ts";
import { parseJson } from "../lib/parse-json.ts";
import { readUnlinkedFile } from "../lib/read-regular-file.ts";
import { writeFileAtomic } from "../lib/write-file-atomic.ts";
import { isDnsLabel } from "../model/host-names.ts";
import { selectionOf, type EngineSelection } from "../model/engine-selection.ts";
import type { ProjectFolder } from "../model/project.ts";
import { copiesFolder, stateFolder } from "../model/resource-names.ts";

const recordName = "cloning.json";

/** Data that is being copied for a copy. It is there from before the copying until all of it is done. */
export interface CloneRecord {
  /** The copy whose data it is. */
  readonly from: string;
  /** Ids of the containers that are paused for it. */
  readonly paused: readonly string[];
  /** Of the Engine that they are on. */
  readonly selection: EngineSelection;
}

/** @throws ReynsError FILE_REFUSED */
export function writeCloneRecord(
  place: ProjectFolder,
  { from, paused }: Omit<CloneRecord, "selection">,
  env: Environment,
): void {
  const record: CloneRecord = { from, paused, selection: selectionOf(env) };
  try {
    mkdirSync(stateFolder(place), { recursive: true });
    writeFileAtomic(fileOf(place), `${JSON.stringify(record, undefined, 2)}\n`);
  } catch (error) {
    const message = `cannot record that data is copied: ${(error as Error).message}`;
    throw new ReynsError("FILE_REFUSED", message, { cause: error });
  }
}

/** @returns undefined where no data is being copied, and none was left half copied */
export function readCloneRecord(place: ProjectFolder): CloneRecord | undefined {
  let text;
  try {
    text = readUnlinkedFile(fileOf(place)).toString();
  } catch {
    return undefined;
  }
  const value = parseJson(text);
  const record = isRecord(value) ? value : {};
  const { from, paused, selection } = record;
  return {
    from: typeof from === "string" ? from : "",
    paused: Array.isArray(paused) ? paused.filter((id) => typeof id === "string") : [],
    selection: isRecord(selection) ? (selection as EngineSelection) : {},
  };
}

export function removeCloneRecord(place: ProjectFolder): void {
  rmSync(fileOf(place), { force: true });
}

/** The copies whose data is being copied, or was left half copied. */
export function listClones(folder: string): string[] {
  try {
    return readdirSync(copiesFolder(folder))
      .filter(isDnsLabel)
      .filter((name) => existsSync(join(copiesFolder(folder), name, recordName)));
  } catch {
    return [];
  }
}

function fileOf(place: ProjectFolder): string {
  return join(stateFolder(place), recordName);
}
