import { constants, type Stats } from "node:fs";
import { lstat, open, readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack, type Header, type Pack } from "tar-stream";
import { readExactly } from "../../lib/read-exactly.ts";
import type { CopySettings } from "./count.ts";

interface SentTree {
  readonly path: string;
  /** What it is called in the tar; "" for the contents of a folder without the folder itself. */
  readonly name: string;
  /** Sends what a link at the path leads to. */
  readonly followLink: boolean;
}

/**
 * Packs a file, a link, or a folder with all that it has. Links are packed as links; sockets and devices are left out.
 *
 * @throws the file system's errors
 */
export async function* packTree(
  { path, name, followLink }: SentTree,
  settings: CopySettings,
): AsyncGenerator<Uint8Array> {
  const archive = pack();
  const packed = (async () => {
    const stats = await (followLink ? stat : lstat)(path);
    await packEntry(archive, { path, name, stats }, settings);
    archive.finalize();
  })();
  packed.catch((error: Error) => archive.destroy(error));
  yield* archive as AsyncIterable<Uint8Array>;
  await packed;
}

interface Entry {
  readonly path: string;
  readonly name: string;
  readonly stats: Stats;
}

async function packEntry(archive: Pack, entry: Entry, settings: CopySettings): Promise<void> {
  const { path, stats } = entry;
  const { count } = settings;
  if (stats.isDirectory()) await packFolder(archive, entry, settings);
  else if (stats.isSymbolicLink()) {
    archive.entry({
      ...headerOf(entry, settings),
      type: "symlink",
      linkname: await readlink(path),
    });
    count.links += 1;
  } else if (stats.isFile()) await packFile(archive, entry, settings);
  else count.leftOut.push(path);
}

async function packFolder(archive: Pack, entry: Entry, settings: CopySettings): Promise<void> {
  const { path, name } = entry;
  if (name !== "") {
    archive.entry({ ...headerOf(entry, settings), type: "directory" });
    settings.count.folders += 1;
  }
  for (const below of (await readdir(path)).toSorted()) {
    const inner = join(path, below);
    const stats = await lstat(inner);
    await packEntry(
      archive,
      { path: inner, name: name === "" ? below : `${name}/${below}`, stats },
      settings,
    );
  }
}

async function packFile(archive: Pack, entry: Entry, settings: CopySettings): Promise<void> {
  const { count } = settings;
  const { O_RDONLY, O_NONBLOCK } = constants;
  const handle = await open(entry.path, O_RDONLY | O_NONBLOCK);
  try {
    const stats = await handle.stat();
    const header = { ...headerOf({ ...entry, stats }, settings), size: stats.size };
    const content = counted(readExactly(handle, stats.size), count.add);
    await pipeline(Readable.from(content, { objectMode: false }), archive.entry(header));
    count.files += 1;
  } finally {
    await handle.close();
  }
}

async function* counted(
  chunks: AsyncIterable<Buffer>,
  add: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    add(chunk.length);
  }
}

/** Everything belongs to root in the container, unless owners are kept. */
function headerOf(
  { name, stats }: Entry,
  { keepOwners }: CopySettings,
): Partial<Header> & Pick<Header, "name"> {
  const { mode, mtime, uid, gid } = stats;
  const owner = keepOwners ? { uid, gid } : { uid: 0, gid: 0 };
  return { name, mode: mode & 0o7777, mtime, ...owner };
}
