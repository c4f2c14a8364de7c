import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

const { O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** Bytes. */
const longest = 10_000_000;

/**
 * Reads a file that anybody may have put there. Refuses what has no end, such as a pipe or a device, and what is too long
 * to be meant.
 *
 * @throws the file system's error, with the path; its code is ENOTREGULAR or EFBIG for a file that is refused
 */
export function readRegularFile(path: string): Buffer {
  return readOpened(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

/** The same for a file that is no symbolic link: ELOOP otherwise. */
export function readUnlinkedFile(path: string): Buffer {
  return readOpened(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
}

/** The text of a file; empty where there is none, or none that can be read. */
export function readTextIfPossible(path: string, read = readRegularFile): string {
  try {
    return read(path).toString();
  } catch {
    return "";
  }
}

/** Why a file cannot be read, in words for a message. */
export function unreadableReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  if (code === "EISDIR") return "it is a folder";
  if (code === "ENOTREGULAR") return "it is not a regular file";
  if (code === "EFBIG") return "it is larger than 10 MB";
  return code === "EACCES" ? "permission denied" : String(code ?? error);
}

/** The content of a JSON file that is no symbolic link; undefined where it is missing, unreadable or damaged. */
export function readUnlinkedJson(path: string): unknown {
  try {
    return JSON.parse(readUnlinkedFile(path).toString());
  } catch {
    return undefined;
  }
}

function readOpened(path: string, flags: number): Buffer {
  // Opening a pipe to read waits for its writer, unless it is told not to.
  const descriptor = openSync(path, flags);
  try {
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) throw refusal("EISDIR", "is a folder", path);
    if (!stats.isFile()) throw refusal("ENOTREGULAR", "is not a regular file", path);
    if (stats.size > longest) throw refusal("EFBIG", "is larger than 10 MB", path);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function refusal(code: string, reason: string, path: string): Error {
  return Object.assign(new Error(`${path} ${reason}`), { code, path });
}
