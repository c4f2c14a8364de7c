import { dirname, join, normalize } from "node:path";
import { extract, pack, type Header } from "tar-stream";

export interface TarEntry {
  /** Relative, with `/`, without a trailing slash. */
  readonly name: string;
  readonly type: "file" | "directory" | "symlink";
  readonly mode: number;
  /** Number of its owner; 0 if undefined. */
  readonly uid?: number;
  /** Number of its group; 0 if undefined. */
  readonly gid?: number;
  /** Target of a symlink. */
  readonly linkname: string | undefined;
  readonly content: Buffer;
}

/** Whether a relative name stays below the folder it is extracted to. */
function staysInside(name: string): boolean {
  if (name === "" || name.startsWith("/") || /[\0\\]/.test(name)) return false;
  return !normalize(name).split("/").includes("..");
}

function checkEntry({ name, linkname }: TarEntry): void {
  if (!staysInside(name)) throw new Error(`unsafe name in the archive: ${name}`);
  if (linkname === undefined) return;
  if (linkname.startsWith("/") || !staysInside(join(dirname(name), linkname))) {
    throw new Error(`a link in the archive points outside: ${name} -> ${linkname}`);
  }
}

function toEntry({ name, type, mode, linkname }: Header, content: Buffer): TarEntry {
  if (type !== "file" && type !== "directory" && type !== "symlink") {
    throw new Error(`unsupported entry in the archive: ${name} is a ${type}`);
  }
  const target = type === "symlink" ? linkname : undefined;
  return { name: name.replace(/\/$/, ""), type, mode, linkname: target, content };
}

/**
 * Reads the entries of a tar below `prefix` (`""`: all), with names relative to it.
 *
 * @throws Error when a name or a link points outside, or an entry is not a file, a folder or a symlink
 *
 * @example
 * const entries = await readTar(bytes, "images/base"); // [{ name: "Dockerfile", … }, …]
 */
export async function readTar(bytes: Uint8Array, prefix: string): Promise<TarEntry[]> {
  const start = prefix === "" ? "" : `${prefix}/`;
  const entries: TarEntry[] = [];
  const reader = extract();
  reader.end(bytes);
  for await (const source of reader) {
    const chunks = await Array.fromAsync(source as AsyncIterable<Uint8Array>);
    const entry = toEntry(source.header, Buffer.concat(chunks));
    if (entry.name.startsWith(start))
      entries.push({ ...entry, name: entry.name.slice(start.length) });
  }
  entries.forEach(checkEntry);
  return entries;
}

/** Packs entries into a tar: owned by 0:0 by default and dated at the epoch, so that equal entries give equal bytes. */
export async function* packTar(entries: readonly TarEntry[]): AsyncGenerator<Uint8Array> {
  const archive = pack();
  for (const { content, linkname, ...rest } of entries) {
    const link = linkname === undefined ? {} : { linkname };
    archive.entry({ uid: 0, gid: 0, ...rest, ...link, mtime: new Date(0) }, content);
  }
  archive.finalize();
  yield* archive as AsyncIterable<Uint8Array>;
}
