import { constants, type Stats } from "node:fs";
import { lstat, open, readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { ReynsError } from "../../errors.ts";
import { compareStrings } from "../../lib/compare-strings.ts";
import { fileModeText } from "../../lib/file-mode.ts";
import type { ReceiptFile } from "../../model/receipt.ts";
import type { ReceiptDigester } from "./digester.ts";
import type { MountChange } from "./mount-change.ts";

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
  /** Absolute paths that are left out below mounted folders. */
  readonly leftOut?: readonly string[];
}

export interface FileDigests {
  /** Path in the receipt -> what is there. */
  readonly files: ReadonlyMap<string, ReceiptFile>;
  /** Of all files, links and folders that were visited, what is in a folder before it. */
  readonly changes: readonly MountChange[];
  /** Absolute paths of what is not compared: data, what is left out, sockets and devices that are mounted. */
  readonly skipped: ReadonlySet<string>;
  /** What the receipt calls the sources that do not exist, and that no instance may write to. */
  readonly missing: readonly string[];
}

interface DigestWalk {
  readonly digester: ReceiptDigester;
  readonly files: Map<string, ReceiptFile>;
  readonly changes: MountChange[];
  readonly skipped: Set<string>;
  readonly leftOut: ReadonlySet<string>;
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
  { writtenSince = Infinity, leftOut = [] }: DigestOptions = {},
): Promise<FileDigests> {
  const found = await Promise.all(
    sources.map(async (source) => ({ ...source, stats: await statIfExists(source.path) })),
  );
  // What is data is known before any folder above it is read.
  const compared = found.filter(({ isWritable, stats }) =>
    isCompared(isWritable, stats, writtenSince),
  );
  const data = found.filter((source) => !compared.includes(source));
  const skipped = new Set(data.map(({ path }) => path));
  const own = { files: new Map(), changes: [], skipped };
  const walk: DigestWalk = { digester, leftOut: new Set(leftOut), ...own };
  for (const { path, shown, stats } of compared) {
    if (stats?.isFile()) await addFile(path, shown, stats, walk);
    else if (stats) await addFolder(path, shown, stats, walk);
    const link = await lstat(path);
    if (link.isSymbolicLink()) walk.changes.push({ path: shown, time: link.ctimeMs });
  }
  const missing = data.filter(({ stats, isWritable }) => !stats && !isWritable);
  return { ...walk, missing: missing.map(({ shown }) => shown) };
}

function isCompared(isWritable: boolean, stats: Stats | undefined, writtenSince: number): boolean {
  if (isWritable) return stats !== undefined && stats.isFile() && stats.ctimeMs <= writtenSince;
  return stats !== undefined && (stats.isFile() || stats.isDirectory());
}

async function statIfExists(path: string): Promise<Stats | undefined> {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw unreadable(path, error);
  });
}

async function addFolder(
  folder: string,
  shown: string,
  { ctimeMs: time }: Stats,
  walk: DigestWalk,
): Promise<void> {
  const names = await readdir(folder).catch((error: Error) => {
    throw unreadable(folder, error);
  });
  let madeIn = 0;
  for (const name of names.toSorted(compareStrings)) {
    const path = join(folder, name);
    const below = `${shown}/${name}`;
    const stats = await lstat(path);
    if (walk.leftOut.has(path)) walk.skipped.add(path);
    if (walk.skipped.has(path)) madeIn = Math.max(madeIn, stats.birthtimeMs);
    else if (stats.isSymbolicLink()) await addLink(path, below, stats, walk);
    else if (stats.isFile()) await addFile(path, below, stats, walk);
    else if (stats.isDirectory()) await addFolder(path, below, stats, walk);
  }
  walk.changes.push({ path: shown, time, madeIn });
}

async function addLink(path: string, shown: string, stats: Stats, walk: DigestWalk): Promise<void> {
  walk.files.set(shown, { link: await readlink(path) });
  walk.changes.push({ path: shown, time: stats.ctimeMs });
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
  walk.changes.push({ path: shown, time: stats.ctimeMs });
}

function unreadable(path: string, cause: Error): ReynsError {
  const hint = "a receipt covers every file that instances mount: make it readable for this user";
  const message = `cannot read ${path}: ${cause.message}`;
  return new ReynsError("FILE_REFUSED", message, { hint, cause });
}
