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
export interface Holder {
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
  readonly unfinished: boolean;
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
): ProjectLock | { holder: Holder | undefined } {
  const path = join(folder, ".reyns", "lock");
  const descriptor = open(folder, path);
  // Where this user can make none, there is none to wait for.
  if (descriptor === undefined) return withoutLock;
  if (lockFile(descriptor) === "taken") {
    closeSync(descriptor);
    return { holder: holderIn(readRecord(path)) };
  }
  return heldLock(descriptor, command, readRecord(path)?.["unfinished"] === true);
}

/** What stands in the lock's file. Nothing is locked for it, so that it is in nobody's way. */
export interface LockNote {
  /** Who changes the project, or did when the process was killed. */
  readonly holder: Holder | undefined;
  readonly isHeld: boolean;
  readonly unfinished: boolean;
}

/** Looks who changes a project, and whether the last one came to the end of it. */
export function lookAtLock(folder: string): LockNote {
  const record = readRecord(join(folder, ".reyns", "lock"));
  const holder = holderIn(record);
  const isHeld = holder !== undefined && holder.host === hostname() && lives(holder.pid);
  return { holder, isHeld, unfinished: record?.["unfinished"] === true };
}

/** Signal 0 only asks; a process of another user's says so. Source: kill(2). */
function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Of what is no project's, and where no lock can be made. */
export const withoutLock: ProjectLock = {
  unfinished: false,
  begin: () => {},
  finish: () => {},
  release: () => {},
};

function heldLock(descriptor: number, command: string, unfinished: boolean): ProjectLock {
  const since = new Date().toISOString();
  const own = { pid: process.pid, user: userName(), host: hostname(), command, since };
  const note = (record: object): void => write(descriptor, JSON.stringify(record));
  let isOpen = true;
  let left = unfinished;
  note({ ...own, unfinished });
  return {
    unfinished,
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
function open(folder: string, path: string): number | undefined {
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
function write(descriptor: number, text: string): void {
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

function holderIn(record: Record<string, unknown> | undefined): Holder | undefined {
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
