import {
  closeSync,
  constants,
  fstatSync,
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
import { ReynsError } from "../../errors.ts";
import type { Environment } from "../../lib/environment.ts";
import { isRecord } from "../../lib/is-record.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { selectingVariables } from "../../model/nodes.ts";
import {
  isThrowAwayName,
  randomThrowAwayName,
  throwAwayFolder,
} from "../../model/resource-names.ts";
import { lockFile } from "./flock.ts";
import { bootId } from "./holder.ts";

/** Variables that select the Engine and the data folder of a copy. */
const remembered = [...selectingVariables, "DOCKER_CONFIG", "DATA_DIR"];

/** What the next command needs to remove a copy whose call was killed. */
export interface ThrowAwayRecord {
  /** Name of the project: its definition may be broken by then. */
  readonly project: string;
  /** Values of the remembered variables; null: not set. */
  readonly env: Readonly<Record<string, string | null>>;
}

export function throwAwayRecord(project: string, env: Environment): ThrowAwayRecord {
  const values = remembered.map((name) => [name, env[name] ?? null] as const);
  return { project, env: Object.fromEntries(values) };
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

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

/**
 * Claims a name for a copy. The claim is a file in `.reyns/tests` that this process holds locked: the kernel releases it
 * when the process ends for any reason.
 *
 * @throws ReynsError FILE_REFUSED
 */
export function claimThrowAway(folder: string, record: ThrowAwayRecord): ThrowAwayCopy {
  for (;;) {
    const name = randomThrowAwayName();
    const path = join(throwAwayFolder(folder), name);
    const descriptor = createClaim(folder, path);
    if (descriptor === undefined) continue;
    // Another command may have found it before it was locked, and removes it.
    if (lockFile(descriptor) !== "taken") {
      writeSync(descriptor, JSON.stringify({ ...record, owner: ownProcess() }));
      return { name, release: () => release(folder, path, descriptor) };
    }
    closeSync(descriptor);
  }
}

/** The descriptor; undefined where another call has the name, or has just removed the folder. */
function createClaim(folder: string, path: string): number | undefined {
  try {
    mkdirSync(throwAwayFolder(folder), { recursive: true });
  } catch (error) {
    throw cannotCreate(throwAwayFolder(folder), error);
  }
  try {
    return openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" || code === "ENOENT") return undefined;
    throw cannotCreate(path, error);
  }
}

function cannotCreate(path: string, cause: unknown): ReynsError {
  const { code } = cause as NodeJS.ErrnoException;
  const hint = "a copy for tests is recorded there: make the folder writable for your user";
  const message = `cannot create ${path} (${code ?? String(cause)})`;
  return new ReynsError("FILE_REFUSED", message, { hint, cause });
}

/** The copies of killed calls. Each is locked until it is released or left: another command leaves it alone. */
export function findAbandoned(folder: string): AbandonedCopy[] {
  const names = listClaims(folder);
  // A call that was killed before its claim was there.
  if (names.length === 0) removeIfEmpty(throwAwayFolder(folder));
  return names.flatMap((name): AbandonedCopy[] => {
    const path = join(throwAwayFolder(folder), name);
    const descriptor = openClaim(path);
    if (descriptor === undefined) return [];
    const leave = (): void => closeSync(descriptor);
    const end = (): void => release(folder, path, descriptor);
    const record = lockAbandoned(descriptor);
    if (typeof record === "object") return [{ name, record, leave, release: end }];
    if (record === "empty") end();
    else leave();
    return [];
  });
}

/** @returns "empty" where the call was killed before it had a copy */
function lockAbandoned(descriptor: number): ThrowAwayRecord | "empty" | "in use" {
  const state = lockFile(descriptor);
  if (state === "taken") return "in use";
  // Released between opening and locking.
  const { nlink, size } = fstatSync(descriptor);
  if (nlink === 0) return "in use";
  const content = size > longestClaim ? undefined : parseJson(readFileSync(descriptor, "utf8"));
  if (state === "unsupported" && isAlive(content)) return "in use";
  return isRecord(content) ? parseRecord(content) : "empty";
}

/** Bytes. */
const longestClaim = 100_000;

/** A folder from elsewhere may have any names in it: `main` would be the project itself. */
function listClaims(folder: string): string[] {
  try {
    return readdirSync(throwAwayFolder(folder)).filter(isThrowAwayName);
  } catch {
    return [];
  }
}

/** Undefined for what is no file of this user's, or is gone. */
function openClaim(path: string): number | undefined {
  try {
    const descriptor = openSync(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
    if (fstatSync(descriptor).isFile()) return descriptor;
    closeSync(descriptor);
  } catch {
    // Gone, a link, or that of another user.
  }
}

function release(folder: string, path: string, descriptor: number): void {
  rmSync(path, { force: true });
  closeSync(descriptor);
  removeIfEmpty(throwAwayFolder(folder));
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
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

/** Whatever else a file from elsewhere sets does not get into an environment. */
function parseRecord({ project, env }: Record<string, unknown>): ThrowAwayRecord {
  const given = isRecord(env) ? env : {};
  const values = remembered.map((name) => {
    const value = given[name];
    return [name, typeof value === "string" ? value : null] as const;
  });
  return {
    project: typeof project === "string" ? project : "",
    env: Object.fromEntries(values),
  };
}
