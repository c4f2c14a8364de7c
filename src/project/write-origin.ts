import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import type { Environment } from "../lib/environment.ts";
import { writeFileAtomic } from "../lib/write-file-atomic.ts";
import { findInode, moveFile, recordFile, type OriginRecord } from "./origin-record.ts";

/** The record of a project that is used in a folder from now on. */
export function createOriginRecord(
  origin: string,
  folder: string,
  movedFrom: readonly string[],
): OriginRecord {
  const { device, inode } = findInode(folder) ?? { device: 0, inode: 0 };
  return { origin, folder, device, inode, host: hostname(), movedFrom };
}

/** @returns whether it could be written: not in a folder without `.reyns`, or without write access */
export function writeOriginRecord(record: OriginRecord): boolean {
  try {
    writeFileAtomic(recordFile(record.folder), `${JSON.stringify(record, undefined, 2)}\n`);
    return true;
  } catch {
    return false;
  }
}

/**
 * Remembers for this user where a project has moved to, so that a new one in its former folder can be told apart. It only
 * leads to the project's own record.
 */
export function rememberMove({ origin, folder }: OriginRecord, env: Environment): void {
  const file = moveFile(origin, env);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileAtomic(file, `${folder}\n`);
  } catch {
    // Without a home folder only the folders beside the former one are searched.
  }
}
