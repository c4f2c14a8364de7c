import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  statSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import { readUnlinkedJson } from "../../lib/read-regular-file.ts";
import { shellQuote } from "../../lib/shell-quote.ts";
import { createPrivateFolder } from "../private-folder.ts";
import { lockFile } from "./flock.ts";
import { currentBoot, parseHolder, type LockHolder } from "./holder.ts";

/** The exclusive right to change a project's containers. */
export interface ProjectLock {
  /** The last call that changed the project did not finish: killed, interrupted, or failed. */
  readonly previousRunFailed: boolean;
  /** Records that this call is changing the project, in case it does not finish. */
  readonly begin: () => void;
  /** Records that it has finished. */
  readonly finish: () => void;
  /** Tokens of calls that had locked an Engine, and were certainly killed before they could release that lock. */
  readonly endedTokens: readonly string[];
  /** Records the tokens of locks on Engines that nobody holds any more once this process has ended. */
  readonly setTokens: (tokens: readonly string[]) => void;
  readonly release: () => void;
}

/**
 * Tries to lock a project, or a copy of it: a kernel lock on the file `lock` in its private folder, for all processes and
 * users of this machine. It ends with the process that holds it, so it is never stale. The content of the file only names
 * the holder.
 *
 * @param folder the project's `.reyns`, or that of a copy
 * @returns the lock, or its holder as far as it is known
 */
export function tryLock(
  folder: string,
  holder: LockHolder,
): ProjectLock | { holder: LockHolder | undefined } {
  const path = join(folder, "lock");
  const descriptor = openLockFile(path);
  // A folder without write access, and without a lock that could be held.
  if (descriptor === undefined) return noLock;
  const state = lockFile(descriptor);
  if (state === "taken") {
    closeSync(descriptor);
    return { holder: parseHolder(readRecord(path)) };
  }
  // The call that held it has removed the copy, and the file with it: the next attempt makes a new one.
  if (statSync(path, { throwIfNoEntry: false })?.ino !== fstatSync(descriptor).ino) {
    closeSync(descriptor);
    return { holder: undefined };
  }
  return createHeldLock({ descriptor, state }, holder, readRecord(path) ?? {});
}

/** The content of the lock file, read without locking it. */
export interface LockState {
  /** The current holder, or the last one if it was killed. */
  readonly holder: LockHolder | undefined;
  readonly isHeld: boolean;
  readonly previousRunFailed: boolean;
}

/**
 * Tells who is changing a project, and whether the last call finished.
 *
 * @param folder as for `tryLock`
 */
export function inspectLock(folder: string): LockState {
  const record = readRecord(join(folder, "lock"));
  const holder = parseHolder(record);
  const isHeld = holder !== undefined && holder.host === hostname() && isProcessAlive(holder.pid);
  return { holder, isHeld, previousRunFailed: record?.["unfinished"] === true };
}

/** Signal 0 only checks; for a process of another user it fails with EPERM. Source: kill(2). */
function isProcessAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** For calls outside a project, and where no lock can be created. */
export const noLock: ProjectLock = {
  previousRunFailed: false,
  begin: () => {},
  finish: () => {},
  endedTokens: [],
  setTokens: () => {},
  release: () => {},
};

type LockedState = Exclude<ReturnType<typeof lockFile>, "taken">;

/**
 * Reads the tokens of calls that have ended from the record that the last one left. Only the kernel's lock proves that
 * they have, and on shared file systems it is that of each machine.
 */
export function parseEndedTokens(
  { tokens, boot }: Readonly<Record<string, unknown>>,
  state: LockedState,
): readonly string[] {
  if (state === "unsupported" || !Array.isArray(tokens) || boot !== currentBoot()) return [];
  return tokens.filter((token) => typeof token === "string");
}

interface OpenLock {
  readonly descriptor: number;
  readonly state: LockedState;
}

function createHeldLock(
  { descriptor, state }: OpenLock,
  holder: LockHolder,
  previous: Readonly<Record<string, unknown>>,
): ProjectLock {
  const previousRunFailed = previous["unfinished"] === true;
  const endedTokens = parseEndedTokens(previous, state);
  let isHeld = true;
  let unfinished = previousRunFailed;
  let tokens = endedTokens;
  const write = (record: object): void => {
    const ending = tokens.length > 0 ? { tokens, boot: currentBoot() } : {};
    // What is undefined is left out.
    writeRecord(descriptor, { ...record, unfinished: unfinished || undefined, ...ending });
  };
  write(holder);
  return {
    previousRunFailed,
    begin: () => {
      unfinished = true;
      write(holder);
    },
    finish: () => (unfinished = false),
    endedTokens,
    setTokens: (values) => {
      tokens = values;
      if (isHeld) write(holder);
    },
    release: () => {
      if (!isHeld) return;
      isHeld = false;
      write({});
      closeSync(descriptor);
    },
  };
}

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;

/**
 * Opens the lock file, writable for every user of this machine, so that all of them can lock it. Reading is enough to lock
 * it; undefined where it cannot be read or created.
 *
 * @throws ReynsError FILE_REFUSED for what is no file: a link in a folder from elsewhere could lead to any file
 */
function openLockFile(path: string, tries = 10): number | undefined {
  const isNew = !existsSync(path);
  if (isNew) createIfPossible(dirname(path));
  const written = openIfPossible(path, O_RDWR | O_APPEND | O_CREAT);
  const opened = typeof written === "number" ? written : openIfPossible(path, O_RDONLY);
  if (typeof opened === "string") {
    // Another call may have removed the copy that it is of, and its folder, in between; a third one may make it again.
    return opened === "ENOENT" && tries > 1 ? openLockFile(path, tries - 1) : undefined;
  }
  if (!fstatSync(opened).isFile()) {
    closeSync(opened);
    throw notAFile(path);
  }
  if (isNew) setMode(opened);
  return opened;
}

/** @returns the descriptor, or why there is none: `ENOENT`, `EACCES`, … */
function openIfPossible(path: string, flags: number): number | string {
  try {
    return openSync(path, flags | O_NOFOLLOW | O_NONBLOCK, 0o666);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ELOOP", "EISDIR", "ENXIO"].includes(code)) throw notAFile(path);
    return code;
  }
}

function createIfPossible(folder: string): void {
  try {
    createPrivateFolder(folder);
  } catch {
    // A read-only project, or a full disk.
  }
}

function notAFile(path: string): ReynsError {
  const hint = `remove it: rm -rf ${shellQuote(path)}`;
  return new ReynsError("FILE_REFUSED", `${path} is not a regular file`, { hint });
}

/** Whatever the umask is. */
function setMode(descriptor: number): void {
  try {
    fchmodSync(descriptor, 0o666);
  } catch {
    // Another user was faster.
  }
}

/** Only informs others, so it may fail. */
function writeRecord(descriptor: number, record: object): void {
  try {
    ftruncateSync(descriptor, 0);
    writeSync(descriptor, JSON.stringify(record));
  } catch {
    // It belongs to another user.
  }
}

function readRecord(path: string): Record<string, unknown> | undefined {
  const record = readUnlinkedJson(path);
  return isRecord(record) ? record : undefined;
}
