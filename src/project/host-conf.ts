import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { ReynsError } from "../errors.ts";
import { shellQuote } from "../lib/shell-quote.ts";
import { writeFileAtomic } from "../lib/write-file-atomic.ts";
import { copyNameOf } from "../model/copy-origin.ts";
import type { ProjectFolder } from "../model/project.ts";
import { hostConfFile, stateFolder } from "../model/resource-names.ts";
import { readJsonc } from "./jsonc.ts";

/** Key of the conf that was used last. */
export const lastConfKey = "last_conf";

/**
 * Reads the values of this host: every string, number or boolean at the top level of `host.conf`.
 *
 * @throws ReynsError INVALID_PROJECT if it is not a JSON object
 */
export function readHostConf(folder: string): Record<string, string> {
  const entries = Object.entries(readEntries(folder));
  return Object.fromEntries(
    entries.flatMap(([name, value]) =>
      ["string", "number", "boolean"].includes(typeof value) ? [[name, String(value)]] : [],
    ),
  );
}

/**
 * The values of this host for a project or a copy of it, which has values of its own besides the project's.
 *
 * @throws ReynsError INVALID_PROJECT
 */
export function readHostValues(place: ProjectFolder): Record<string, string> {
  const folder = hostConfFolder(place);
  const { [lastConfKey]: lastConf, ...values } = readHostConf(place.folder);
  if (folder !== place.folder) return { ...values, ...readHostConf(folder) };
  return lastConf === undefined ? values : { ...values, [lastConfKey]: lastConf };
}

/** The folder of the `host.conf` that answers are saved to. */
export function hostConfFolder(place: ProjectFolder): string {
  return copyNameOf(place.origin) === undefined ? place.folder : stateFolder(place);
}

/** The key of the machines. */
export const nodesKey = "nodes";

/** A warning if a `host.conf` that holds values, which may be passwords, is not its owner's alone. */
export function exposedHostConf(folder: string): string | undefined {
  const { [lastConfKey]: _, ...values } = readHostConf(folder);
  const file = join(folder, hostConfFile);
  if (Object.keys(values).length === 0 || (statSync(file).mode & 0o077) === 0) return undefined;
  return `other users may access ${file}, which may contain passwords: chmod go= ${shellQuote(file)}`;
}

/** Adds values to `host.conf`, readable by its owner only; other values are kept. */
export function saveHostConf(folder: string, values: Readonly<Record<string, string>>): void {
  const file = join(folder, hostConfFile);
  const text = JSON.stringify({ ...readEntries(folder), ...values }, undefined, 2);
  writeFileAtomic(file, `${text}\n`, 0o600);
}

function readEntries(folder: string): Record<string, unknown> {
  const file = join(folder, hostConfFile);
  if (!existsSync(file)) return {};
  const document = readJsonc(file);
  if (
    typeof document.value === "object" &&
    document.value !== null &&
    !Array.isArray(document.value)
  )
    return document.value as Record<string, unknown>;
  throw new ReynsError("INVALID_PROJECT", "host.conf is not a JSON object", {
    hint: 'write {"NAME": "value"}',
    at: document.placeOf([]),
  });
}
