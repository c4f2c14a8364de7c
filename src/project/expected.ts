import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { isRecord } from "../lib/is-record.ts";
import type { ProjectFolder } from "../model/project.ts";
import { stateFolder } from "../model/resource-names.ts";
import type { DefinedNames } from "../model/defined-names.ts";
import { writeFileAtomic } from "../lib/write-file-atomic.ts";
import { readUnlinkedJson } from "../lib/read-regular-file.ts";

/** An instance that a command was to start. */
export interface ExpectedInstance {
  readonly project: string;
  readonly service: string;
  readonly instance: string;
  /** The conf that it was started from; versions before this one did not record it. */
  readonly conf?: string;
  /** The group that it is in, which has the name of its node if there are several. */
  readonly group?: string;
  /** No definition has its name. */
  readonly isAdHoc?: boolean;
}

/** What should run in a project by the last commands, so that `ps` needs no definition to name what is missing. */
export interface Expected {
  readonly instances: readonly ExpectedInstance[];
  /** Host names of instances that were stopped on purpose. */
  readonly stopped: readonly string[];
  /** What the last run found defined, so that `ps` can tell orphans; versions before this one did not record it. */
  readonly defined?: DefinedNames | undefined;
}

const nothing: Expected = { instances: [], stopped: [] };

/** Reads the record of a project; a missing or damaged one expects nothing. */
export function readExpected(place: ProjectFolder): Expected {
  const value = readUnlinkedJson(fileOf(place));
  return isExpected(value) ? value : nothing;
}

function isExpected(value: unknown): value is Expected {
  if (!isRecord(value) || !Array.isArray(value["instances"])) return false;
  const isInstance = (one: unknown): boolean =>
    isRecord(one) && hasTexts(one, ["project", "service", "instance"]);
  const { defined } = value;
  return (
    value["instances"].every(isInstance) &&
    isTextList(value["stopped"]) &&
    (defined === undefined || isDefinedNames(defined))
  );
}

function isDefinedNames(value: unknown): boolean {
  if (!isRecord(value) || !hasTexts(value, ["project", "conf"])) return false;
  return isTextList(value["hosts"]) && isTextList(value["services"]);
}

function hasTexts(value: Record<string, unknown>, names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === "string");
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}

/** Changes the record of a project. A folder that cannot be written keeps the old one: nothing depends on it. */
export function updateExpected(place: ProjectFolder, change: (before: Expected) => Expected): void {
  const before = readExpected(place);
  const after = change(before);
  if (Bun.deepEquals(before, after)) return;
  try {
    mkdirSync(dirname(fileOf(place)), { recursive: true });
    writeFileAtomic(fileOf(place), `${JSON.stringify(after, undefined, 2)}\n`);
  } catch {
    // A read-only project folder.
  }
}

function fileOf(place: ProjectFolder): string {
  return join(stateFolder(place), "expected.json");
}
