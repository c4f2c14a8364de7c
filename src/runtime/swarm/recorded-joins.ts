import { join } from "node:path";
import { isRecord } from "../../lib/is-record.ts";
import { readUnlinkedJson } from "../../lib/read-regular-file.ts";
import { writeFileAtomic } from "../../lib/write-file-atomic.ts";
import type { RecordedJoin } from "../../model/swarm.ts";
import { createPrivateFolder } from "../private-folder.ts";

/**
 * The joins that calls have begun, and may not have ended.
 *
 * @param folder the project's `.reyns`
 */
export function readJoins(folder: string): RecordedJoin[] {
  const list = readUnlinkedJson(fileIn(folder));
  return Array.isArray(list) ? list.flatMap(parseJoin) : [];
}

/** Records a join before the Engine is asked for it. */
export function recordJoin(folder: string, begun: RecordedJoin): void {
  write(folder, [...without(folder, begun.node), begun]);
}

export function forgetJoin(folder: string, node: string): void {
  write(folder, without(folder, node));
}

function without(folder: string, node: string): RecordedJoin[] {
  return readJoins(folder).filter((begun) => begun.node !== node);
}

function write(folder: string, joins: readonly RecordedJoin[]): void {
  try {
    createPrivateFolder(folder);
    writeFileAtomic(fileIn(folder), `${JSON.stringify(joins)}\n`);
  } catch {
    // A read-only project folder: only a call that is killed would need it.
  }
}

function parseJoin(value: unknown): RecordedJoin[] {
  const { node, address, swarm } = isRecord(value) ? value : {};
  if (typeof node !== "string" || typeof address !== "string") return [];
  return [{ node, address, swarm: typeof swarm === "string" ? swarm : undefined }];
}

function fileIn(folder: string): string {
  return join(folder, "joins.json");
}
