import { existsSync, readdirSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Environment } from "../lib/environment.ts";
import { toValidName } from "../model/host-names.ts";
import { projectOrigin } from "../model/copy-origin.ts";
import { folderOfOrigin } from "../model/resource-names.ts";
import {
  findInode,
  isSameInode,
  readOriginRecord,
  recallMove,
  type OriginRecord,
} from "./origin-record.ts";

/** How a folder's project is identified, and what is to be recorded and said of it. */
export interface ProjectOrigin {
  /** The folder in which the project began; `FOLDER//2` for the second one that began there. */
  readonly origin: string;
  /** Earlier folders of the project, the last one first. */
  readonly movedFrom: readonly string[];
  /** What the record in the folder does not say yet. `alias`: the folder is used under another path, and stays unrecorded. */
  readonly change: "none" | "new" | "damaged" | "moved" | "restored" | "copied" | "alias";
  /** Where the project is that this folder would be otherwise: it began here, or was copied or taken over. */
  readonly holder?: string | undefined;
}

/**
 * Tells which project a folder is. A folder that has moved is still the same one, by its inode, or because the folder
 * that it was recorded in is gone. A copy, and a new folder at the former path, are projects of their own. Reads files
 * only, and writes nothing.
 *
 * @param folder real path of the project's folder
 */
export function resolveOrigin(folder: string, env: Environment): ProjectOrigin {
  const record = readOriginRecord(folder);
  if (record === undefined || record === "damaged")
    return beginHere(folder, env, record === undefined ? "new" : "damaged");
  const change = compareRecord(record, folder);
  if (change === "none") return { ...record, change };
  if (change === "alias") return { origin: folder, movedFrom: [], change };
  if (change === "copied") return beginHere(folder, env, change);
  const holder = findHolder(record.origin, folder, env);
  if (holder !== undefined) return { ...beginHere(folder, env, "copied"), holder };
  const { origin } = record;
  if (change === "restored") return { origin, movedFrom: record.movedFrom, change };
  const former = [record.folder, ...record.movedFrom].filter((path) => path !== folder);
  return { origin, movedFrom: [...new Set(former)], change };
}

/** What has happened to a folder since its record was written, by this folder and the recorded one. */
function compareRecord(
  record: OriginRecord,
  folder: string,
): Exclude<ProjectOrigin["change"], "new" | "damaged"> {
  const isRecorded = isSameInode(record, findInode(folder));
  if (record.folder === folder) return isRecorded ? "none" : "restored";
  if (isRecorded) return isSameInode(record, findInode(record.folder)) ? "alias" : "moved";
  // A move to another file system leaves nothing behind.
  const isLeft = !existsSync(record.folder) && record.host === hostname();
  return isLeft ? "moved" : "copied";
}

/** A project that begins in this folder, where another one may have begun and moved away. */
function beginHere(
  folder: string,
  env: Environment,
  change: ProjectOrigin["change"],
): ProjectOrigin {
  const holder = findHolder(folder, folder, env);
  if (holder === undefined) return { origin: folder, movedFrom: [], change };
  let count = 2;
  while (findHolder(`${folder}//${count}`, folder, env) !== undefined) count++;
  return { origin: `${folder}//${count}`, movedFrom: [], change, holder };
}

/** The other folder that a project is in now: by its own record, which a copy does not fit. */
function findHolder(origin: string, except: string, env: Environment): string | undefined {
  return candidates(origin, env).find((folder) => folder !== except && isHolder(folder, origin));
}

function isHolder(folder: string, origin: string): boolean {
  const record = readOriginRecord(folder);
  if (record === undefined || record === "damaged" || record.origin !== origin) return false;
  return isSameInode(record, findInode(folder));
}

/** Where it began, where this user has last seen it, and all folders beside the first: most moves are renames. */
function candidates(origin: string, env: Environment): string[] {
  const began = folderOfOrigin(origin);
  const seen = recallMove(origin, env);
  const parent = dirname(began);
  return [began, ...(seen === undefined ? [] : [seen]), ...foldersIn(parent)];
}

function foldersIn(parent: string): string[] {
  try {
    return readdirSync(parent).map((name) => join(parent, name));
  } catch {
    return [];
  }
}

/** The folder that a project is in now, by its origin; undefined when it is gone. */
export function locateOrigin(origin: string, env: Environment): string | undefined {
  const began = folderOfOrigin(origin);
  const holder = findHolder(projectOrigin(origin), "", env);
  if (holder !== undefined) return holder;
  return existsSync(began) ? began : undefined;
}

/** The name of a project whose definition gives none: that of the folder in which it began. */
export function defaultNameOf({ origin }: Pick<ProjectOrigin, "origin">): string {
  return toValidName(basename(folderOfOrigin(origin)));
}
