import { chmod, lstat, mkdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { extract, pack, type Header } from "tar-stream";
import { ReynsError } from "../errors.ts";

export interface TarEntry {
  /** Relative, with `/`, without a slash at the end. */
  readonly name: string;
  readonly type: "file" | "directory" | "symlink";
  readonly mode: number;
  /** Number of the user that it belongs to, where that matters. */
  readonly uid?: number;
  /** Where a symlink leads. */
  readonly linkname: string | undefined;
  readonly content: Buffer;
}

/** True for a relative name that stays below the folder that it is put in. */
function staysInside(name: string): boolean {
  if (name === "" || name.startsWith("/") || /[\0\\]/.test(name)) return false;
  return !normalize(name).split("/").includes("..");
}

function checkEntry({ name, linkname }: TarEntry): void {
  if (!staysInside(name)) throw new Error(`unsafe name in the archive: ${name}`);
  if (linkname === undefined) return;
  if (linkname.startsWith("/") || !staysInside(join(dirname(name), linkname))) {
    throw new Error(`a link in the archive leads outside: ${name} -> ${linkname}`);
  }
}

function toEntry({ name, type, mode, linkname }: Header, content: Buffer): TarEntry {
  if (type !== "file" && type !== "directory" && type !== "symlink") {
    throw new Error(`unexpected kind of entry in the archive: ${name} is a ${type}`);
  }
  const target = type === "symlink" ? linkname : undefined;
  return { name: name.replace(/\/$/, ""), type, mode, linkname: target, content };
}

/**
 * Reads the part of a tar that lies below `prefix` (`""`: all), named from there. Throws when a name or a
 * link leads outside of that part, or when something is neither a file, a folder nor a link.
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

/** The bytes of a tar of `entries`: owned by 0:0 unless they say otherwise, at the epoch, so that equal entries give equal bytes. */
export async function* packTar(entries: readonly TarEntry[]): AsyncGenerator<Uint8Array> {
  const archive = pack();
  for (const { content, linkname, ...rest } of entries) {
    const link = linkname === undefined ? {} : { linkname };
    archive.entry({ uid: 0, gid: 0, ...rest, ...link, mtime: new Date(0) }, content);
  }
  archive.finalize();
  yield* archive as AsyncIterable<Uint8Array>;
}

type Standing = "absent" | "equal" | "different";

/** How what lies at `path` already compares with what should. Links are looked at, never followed. */
async function compareWith(entry: TarEntry, path: string): Promise<Standing> {
  const stat = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (!stat) return "absent";
  if (entry.type === "directory") return stat.isDirectory() ? "equal" : "different";
  if (entry.type === "symlink") {
    return stat.isSymbolicLink() && (await readlink(path)) === entry.linkname
      ? "equal"
      : "different";
  }
  return stat.isFile() && (await readFile(path)).equals(entry.content) ? "equal" : "different";
}

async function writeEntry(entry: TarEntry, path: string): Promise<void> {
  if (entry.type === "directory") {
    await mkdir(path, { recursive: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  if (entry.type === "symlink") return symlink(entry.linkname ?? "", path);
  await writeFile(path, entry.content, { flag: "wx" }).catch(async (error) => {
    // A part of a file would be in the way of the next attempt.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") await rm(path, { force: true });
    throw Object.assign(error as Error, { path });
  });
  // Against the umask: images copy these files with the modes that they have here.
  await chmod(path, entry.mode);
}

/**
 * Writes `entries` (parents before children) into `folder`, which is made if need be, with modes and links.
 * What is there already with the same content is left alone.
 *
 * @returns the names of the files and links that it wrote
 * @throws ReynsError FILE_REFUSED naming all that is there with other content; nothing is written then
 */
export async function writeEntries(
  entries: readonly TarEntry[],
  folder: string,
): Promise<string[]> {
  const standings = await Promise.all(
    entries.map((entry) => compareWith(entry, join(folder, entry.name))),
  );
  const refused = entries.filter((_, index) => standings[index] === "different");
  if (refused.length > 0) {
    const names = refused.map((entry) => entry.name).join(", ");
    throw new ReynsError("FILE_REFUSED", `${folder} has other files of these names: ${names}`, {
      hint: "choose another folder, or move these files away",
    });
  }
  const absent = entries.filter((_, index) => standings[index] === "absent");
  await mkdir(folder, { recursive: true });
  for (const entry of absent) await writeEntry(entry, join(folder, entry.name));
  return absent.filter((entry) => entry.type !== "directory").map((entry) => entry.name);
}
