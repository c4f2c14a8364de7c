import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { isRecord } from "../../lib/is-record.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { randomInstanceName, throwAwayFolder } from "../../model/resource-names.ts";
import { lockFile } from "./flock.ts";
import { bootId } from "./holder.ts";

/** What the next command needs to remove a copy whose call was killed. */
export interface ThrowAwayRecord {
  /** Name of the project: its definition may be broken by then. */
  readonly project: string;
  /** Variables that select the Engine and the data folder. */
  readonly env: Readonly<Record<string, string>>;
}

/** A copy that goes with the call that made it, or with the next one. */
export interface ThrowAwayCopy {
  readonly name: string;
  /** Ends the claim: the copy is gone, or stays on purpose. */
  readonly release: () => void;
}

/** A copy whose call was killed. */
export interface AbandonedCopy extends ThrowAwayCopy {
  readonly record: ThrowAwayRecord;
  /** Leaves it to a later command. */
  readonly leave: () => void;
}

/**
 * Claims a name for a copy. The claim is a file in `.reyns/tests` that this process holds locked: the kernel releases it
 * when the process ends for any reason.
 */
export function claimThrowAway(folder: string, record: ThrowAwayRecord): ThrowAwayCopy {
  mkdirSync(throwAwayFolder(folder), { recursive: true });
  for (;;) {
    const name = `test-${randomInstanceName()}`;
    const path = join(throwAwayFolder(folder), name);
    const descriptor = openIfPossible(path, "wx");
    if (descriptor === undefined) continue;
    // Another command may have found it before it was locked, and removes it.
    if (lockFile(descriptor) !== "taken") {
      writeSync(descriptor, JSON.stringify({ ...record, owner: ownProcess() }));
      return { name, release: () => release(folder, path, descriptor) };
    }
    closeSync(descriptor);
  }
}

/** The copies of killed calls. Each is locked until it is released or left: another command leaves it alone. */
export function findAbandoned(folder: string): AbandonedCopy[] {
  return listClaims(folder).flatMap((name): AbandonedCopy[] => {
    const path = join(throwAwayFolder(folder), name);
    const descriptor = openIfPossible(path, "r+");
    if (descriptor === undefined) return [];
    const content = parseJson(readFileSync(descriptor, "utf8"));
    const state = lockFile(descriptor);
    if (state === "taken" || (state === "unsupported" && isAlive(content))) {
      closeSync(descriptor);
      return [];
    }
    const record = parseRecord(content);
    const leave = (): void => closeSync(descriptor);
    return [{ name, record, leave, release: () => release(folder, path, descriptor) }];
  });
}

function listClaims(folder: string): string[] {
  try {
    return readdirSync(throwAwayFolder(folder));
  } catch {
    return [];
  }
}

function openIfPossible(path: string, flags: "wx" | "r+"): number | undefined {
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["EEXIST", "ENOENT", "EACCES"].includes(code)) return undefined;
    throw error;
  }
}

function release(folder: string, path: string, descriptor: number): void {
  rmSync(path, { force: true });
  closeSync(descriptor);
  try {
    rmdirSync(throwAwayFolder(folder));
  } catch {
    // Another one is claimed.
  }
}

interface CopyOwner {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one with its number. */
  readonly start: string;
}

function ownProcess(): CopyOwner {
  return { pid: process.pid, host: hostname(), start: startOf(process.pid) };
}

/** For file systems without locks. */
function isAlive(content: unknown): boolean {
  const owner = isRecord(content) && isRecord(content["owner"]) ? content["owner"] : {};
  const pid = Number(owner["pid"]);
  if (owner["host"] !== hostname() || !Number.isInteger(pid)) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return owner["start"] === startOf(pid);
}

/** The boot of the machine, and the clock ticks after it. Source: proc(5). */
function startOf(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return `${bootId()} ${fields[19]}`;
  } catch {
    return "";
  }
}

function parseRecord(content: unknown): ThrowAwayRecord {
  const { project, env } = isRecord(content) ? content : {};
  const values = Object.entries(isRecord(env) ? env : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return { project: typeof project === "string" ? project : "", env: Object.fromEntries(values) };
}
