import {
  chmod,
  lchown,
  open,
  rename,
  rm,
  symlink,
  utimes,
  type FileHandle,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Header } from "tar-stream";
import { copyRefused } from "./container-path.ts";
import type { CopySettings } from "./count.ts";

/** Writes a file with its mode and time. */
export async function writeFile(
  path: string,
  header: Header,
  content: AsyncIterable<Uint8Array>,
  { keepOwners, count }: CopySettings,
): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    let writing = Promise.resolve();
    for await (const chunks of collect(content)) {
      await writing;
      writing = writeAll(file, chunks);
      // Awaited with the next ones.
      writing.catch(() => {});
      count.add(lengthOf(chunks));
    }
    await writing;
    if (keepOwners) await file.chown(header.uid, header.gid);
    await file.chmod(permissions(header));
    const time = header.mtime ?? new Date();
    await file.utimes(time, time);
  } finally {
    await file.close();
  }
}

/** The Engine's chunks have 32 to 128 kB: a write for each takes longer, and so does putting them together. */
const writeSize = 1_000_000;

async function* collect(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array[]> {
  let chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content) {
    chunks.push(chunk);
    length += chunk.length;
    if (length < writeSize) continue;
    yield chunks;
    [chunks, length] = [[], 0];
  }
  if (length > 0) yield chunks;
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((length, chunk) => length + chunk.length, 0);
}

/** A full disk may take less at first than it is given. */
async function writeAll(file: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  let { bytesWritten } = await file.writev(chunks);
  for (const chunk of chunks) {
    let rest = chunk.subarray(Math.min(bytesWritten, chunk.length));
    bytesWritten = Math.max(0, bytesWritten - chunk.length);
    while (rest.length > 0) rest = rest.subarray((await file.write(rest)).bytesWritten);
  }
}

/** Makes a link that leads wherever it says: it is not followed. */
export async function writeLink(
  path: string,
  { linkname, uid, gid }: Header,
  { keepOwners }: CopySettings,
): Promise<void> {
  await symlink(linkname ?? "", path);
  if (keepOwners) await lchown(path, uid, gid);
}

/** Gives a folder its mode and time. */
export async function applyToFolder(
  path: string,
  header: Header,
  { keepOwners }: CopySettings,
): Promise<void> {
  if (keepOwners) await lchown(path, header.uid, header.gid);
  await chmod(path, permissions(header));
  const time = header.mtime ?? new Date();
  await utimes(path, time, time);
}

/** Without set-user-ID: a container must not give its programs this user's rights. */
function permissions({ mode }: Header): number {
  return mode & 0o777;
}

/** Makes a file beside the path, then puts it there: nothing is half written, and no link is followed. */
export async function replace(
  path: string,
  make: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(path), `.reyns-copy-${process.pid}`);
  try {
    await make(temporary);
    await rename(temporary, path);
  } catch (error) {
    if (["EISDIR", "ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? ""))
      throw copyRefused(`${path} is a folder, and the copy is none`);
    throw error;
  } finally {
    // It is still there where both were links to the same file.
    await rm(temporary, { force: true });
  }
}
