import { constants, type Stats } from "node:fs";
import { lstat, open, readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { compareStrings } from "../../lib/compare-strings.ts";
import { fileModeText } from "../../lib/file-mode.ts";
import type { ReceiptFile } from "../../model/receipt.ts";
import type { ReceiptDigester } from "./digester.ts";

/** A file or folder that instances mount. */
export interface FileSource {
  /** Absolute. */
  readonly path: string;
  /** What the receipt calls it. */
  readonly shown: string;
  /** An instance may write to it: a folder is data then. */
  readonly isWritable: boolean;
}

/** What decides whether a file is data. */
export interface DigestOptions {
  /** Milliseconds since 1970: a file that an instance may write to, and that is newer, was written by it. */
  readonly writtenSince?: number | undefined;
}

export interface FileDigests {
  /** Path in the receipt -> what is there. */
  readonly files: ReadonlyMap<string, ReceiptFile>;
  /** When the last of them was changed, in milliseconds since 1970, and its path. */
  readonly newest: { readonly path: string; readonly time: number } | undefined;
  /** Absolute paths of what is not compared: data, sockets, devices, and what does not exist. */
  readonly skipped: ReadonlySet<string>;
}

interface DigestWalk {
  readonly digester: ReceiptDigester;
  readonly files: Map<string, ReceiptFile>;
  readonly skipped: Set<string>;
  /** Folders below others that instances may write to. */
  readonly written: ReadonlySet<string>;
  newest: FileDigests["newest"];
}

/**
 * Reads the files that instances mount: single ones, and those below folders that no instance may write to. A link that
 * is mounted is followed; below a folder, its target's path counts.
 *
 * @throws ReynsError FILE_REFUSED for what this user may not read
 */
export async function digestMounted(
  sources: readonly FileSource[],
  digester: ReceiptDigester,
  { writtenSince = Infinity }: DigestOptions = {},
): Promise<FileDigests> {
  const written = new Set(sources.filter((one) => one.isWritable).map(({ path }) => path));
  const walk: DigestWalk = {
    digester,
    files: new Map(),
    skipped: new Set(),
    written,
    newest: undefined,
  };
  for (const { path, shown, isWritable } of sources) {
    const stats = await statIfExists(path);
    const isData = isWritable && !(stats?.isFile() && stats.ctimeMs <= writtenSince);
    if (isData) walk.skipped.add(path);
    else if (stats?.isFile()) await addFile(path, shown, stats, walk);
    else if (stats?.isDirectory()) await addFolder(path, shown, walk);
    else walk.skipped.add(path);
  }
  return walk;
}

async function statIfExists(path: string): Promise<Stats | undefined> {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw unreadable(path, error);
  });
}

async function addFolder(folder: string, shown: string, walk: DigestWalk): Promise<void> {
  const names = await readdir(folder).catch((error: Error) => {
    throw unreadable(folder, error);
  });
  for (const name of names.toSorted(compareStrings)) {
    const path = join(folder, name);
    const below = `${shown}/${name}`;
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) walk.files.set(below, { link: await readlink(path) });
    else if (stats.isFile()) await addFile(path, below, stats, walk);
    else if (stats.isDirectory() && !walk.written.has(path)) await addFolder(path, below, walk);
  }
}

async function addFile(path: string, shown: string, stats: Stats, walk: DigestWalk): Promise<void> {
  if (walk.files.has(shown)) return;
  const hash = walk.digester.content(`file ${shown}`);
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    for await (const chunk of handle.createReadStream()) hash.update(chunk as Buffer);
  } catch (cause) {
    throw unreadable(path, cause as Error);
  }
  const mode = fileModeText(stats.mode & 0o7777);
  walk.files.set(shown, { digest: hash.digest(), mode });
  if (!walk.newest || stats.ctimeMs > walk.newest.time)
    walk.newest = { path: shown, time: stats.ctimeMs };
}

function unreadable(path: string, cause: Error): ReynsError {
  const hint = "a receipt covers every file that instances mount: make it readable for this user";
  const message = `cannot read ${path}: ${cause.message}`;
  return new ReynsError("FILE_REFUSED", message, { hint, cause });
}
