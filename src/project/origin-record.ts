import { statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../lib/environment.ts";
import { isRecord } from "../lib/is-record.ts";
import { sha256Hex } from "../lib/sha256.ts";
import { privateFolder } from "../model/resource-names.ts";
import { readRegularFile, readUnlinkedFile } from "../lib/read-regular-file.ts";

/** What tells a folder from a copy of it: a move within a file system keeps it. Source: stat(2). */
export interface Inode {
  readonly device: number;
  readonly inode: number;
}

/** The content of `.reyns/project.json`: where a project began, and the folder that it was last used in. */
export interface OriginRecord extends Inode {
  readonly origin: string;
  readonly folder: string;
  /** Name of the machine. */
  readonly host: string;
  /** Earlier folders, the last one first. */
  readonly movedFrom: readonly string[];
}

/** Reads the record of a folder; a file that cannot be read as one is damaged. */
export function readOriginRecord(folder: string): OriginRecord | "damaged" | undefined {
  let text: string;
  try {
    text = readUnlinkedFile(recordFile(folder)).toString();
  } catch {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(text);
    return isOriginRecord(value) ? value : "damaged";
  } catch {
    return "damaged";
  }
}

function isOriginRecord(value: unknown): value is OriginRecord {
  if (!isRecord(value) || !Array.isArray(value["movedFrom"])) return false;
  const paths = [value["origin"], value["folder"], ...(value["movedFrom"] as unknown[])];
  return (
    paths.every((path) => typeof path === "string" && path.startsWith("/")) &&
    typeof value["host"] === "string" &&
    [value["device"], value["inode"]].every((number) => typeof number === "number")
  );
}

/** Path of the record of a folder. */
export function recordFile(folder: string): string {
  return join(folder, privateFolder, "project.json");
}

/** @returns undefined where there is no such folder, or none that this user can see */
export function findInode(folder: string): Inode | undefined {
  try {
    const found = statSync(folder);
    return found.isDirectory() ? { device: found.dev, inode: found.ino } : undefined;
  } catch {
    return undefined;
  }
}

export function isSameInode(a: Inode, b: Inode | undefined): boolean {
  return a.inode === b?.inode && a.device === b.device;
}

/** The folder that a project has moved to, if this user has used it there. */
export function recallMove(origin: string, env: Environment): string | undefined {
  try {
    return readRegularFile(moveFile(origin, env)).toString().trimEnd();
  } catch {
    return undefined;
  }
}

/** Where a user is reminded of a move: `XDG_STATE_HOME/reyns/moved/…`, by default in `~/.local/state`. */
export function moveFile(origin: string, env: Environment): string {
  const state = env["XDG_STATE_HOME"] || join(env["HOME"] || homedir(), ".local", "state");
  return join(state, "reyns", "moved", sha256Hex(origin).slice(0, 16));
}
