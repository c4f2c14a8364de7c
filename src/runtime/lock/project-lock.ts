import {
  closeSync,
  existsSync,
  fchmodSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { isRecord } from "../../lib/is-record.ts";
import { lockFile } from "./flock.ts";

/** Who changes a project right now. */
export interface LockHolder {
  readonly pid: number;
  readonly user: string;
  readonly host: string;
  /** As it was typed, without values: "run web one". */
  readonly command: string;
  readonly since: Date;
}

/** The right to change what runs of a project: one call at a time has it. */
export interface ProjectLock {
  /** Whoever changed the project last did not come to the end of it: killed, interrupted, or failed. */
  readonly previousRunFailed: boolean;
  /** From here on the project changes: who comes next shall know, should this call not come to its end. */
  readonly begin: () => void;
  /** All that was begun is done. */
  readonly finish: () => void;
  readonly release: () => void;
}

/**
 * Takes the lock of a project's folder, if nobody has it: a lock of the kernel's on the file `.reyns/lock`, for all
 * processes and users of this machine. It ends with the process that has it, so that it is never stale; what stands in
 * the file only tells others who that is.
 *
 * @returns who has it, as far as is known, when somebody does
 */
export function tryLock(
  folder: string,
  command: string,
): ProjectLock | { holder: LockHolder | undefined } {
  const path = join(folder, ".reyns", "lock");
  const descriptor = openLockFile(folder, path);
  // Where this user can make none, there is none to wait for.
  if (descriptor === undefined) return noLock;
  if (lockFile(descriptor) === "taken") {
    closeSync(descriptor);
    return { holder: parseHolder(readRecord(path)) };
  }
  return createHeldLock(descriptor, command, readRecord(path)?.["unfinished"] === true);
}

/** What stands in the lock's file. Nothing is locked for it, so that it is in nobody's way. */
export interface LockState {
  /** Who changes the project, or did when the process was killed. */
  readonly holder: LockHolder | undefined;
  readonly isHeld: boolean;
  readonly previousRunFailed: boolean;
}

/** Looks who changes a project, and whether the last one came to the end of it. */
export function inspectLock(folder: string): LockState {
  const record = readRecord(join(folder, ".reyns", "lock"));
  const holder = parseHolder(record);
  const isHeld = holder !== undefined && holder.host === hostname() && isProcessAlive(holder.pid);
  return { holder, isHeld, previousRunFailed: record?.["unfinished"] === true };
}

/** Signal 0 only asks; a process of another user's says so. Source: kill(2). */
function isProcessAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Of what is no project's, and where no lock can be made. */
export const noLock: ProjectLock = {
  previousRunFailed: false,
  begin: () => {},
  finish: () => {},
  release: () => {},
};

function createHeldLock(descriptor: number, command: string, unfinished: boolean): ProjectLock {
  const since = new Date().toISOString();
  const own = { pid: process.pid, user: userName(), host: hostname(), command, since };
  const note = (record: object): void => writeRecord(descriptor, JSON.stringify(record));
  let isOpen = true;
  let left = unfinished;
  note({ ...own, unfinished });
  return {
    previousRunFailed: unfinished,
    begin: () => {
      left = true;
      note({ ...own, unfinished: true });
    },
    finish: () => (left = false),
    release: () => {
      if (!isOpen) return;
      isOpen = false;
      note(left ? { unfinished: true } : {});
      closeSync(descriptor);
    },
  };
}

/** For every user of this machine, whoever makes it: who may use the project may also wait for it. */
function openLockFile(folder: string, path: string): number | undefined {
  try {
    if (!existsSync(join(folder, ".reyns"))) {
      mkdirSync(join(folder, ".reyns"), { recursive: true });
      writeFileSync(join(folder, ".reyns", ".gitignore"), "*\n");
    }
    const isNew = !existsSync(path);
    const descriptor = openSync(path, "a+");
    if (isNew) fchmodSync(descriptor, 0o666);
    return descriptor;
  } catch {
    return openToRead(path);
  }
}

/** Enough to lock it. */
function openToRead(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
}

/** The kernel's lock counts; a note that cannot be written is no reason to stop. */
function writeRecord(descriptor: number, text: string): void {
  try {
    ftruncateSync(descriptor, 0);
    writeSync(descriptor, text);
  } catch {
    // A file of another user's that only he may write to.
  }
}

function readRecord(path: string): Record<string, unknown> | undefined {
  try {
    const record = JSON.parse(readFileSync(path, "utf8")) as unknown;
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function parseHolder(record: Record<string, unknown> | undefined): LockHolder | undefined {
  const { pid, user, host, command, since } = record ?? {};
  const date = new Date(String(since));
  if (typeof pid !== "number" || Number.isNaN(date.getTime())) return undefined;
  return { pid, user: String(user), host: String(host), command: String(command), since: date };
}

/** Bun takes the name from the environment, where there may be none. */
function userName(): string {
  const { username, uid } = userInfo();
  return username === "unknown" ? `user ${uid}` : username;
}
