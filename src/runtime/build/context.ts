import { createReadStream } from "node:fs";
import { lstat, readFile, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import ignore from "@balena/dockerignore";
import { pack, type Pack } from "tar-stream";
import { ReynsError } from "../../errors.ts";

interface ContextEntry {
  readonly name: string;
  readonly path: string;
  readonly type: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly size: number;
}

/**
 * Packs a build context: everything that `.dockerignore` does not exclude, sorted by name, owned by root, without times,
 * so that the same files give the same bytes. Modes and symbolic links are kept; sockets and devices are left out.
 *
 * @throws ReynsError FILE_REFUSED; for a file that cannot be read, as the stream's `error`
 */
export async function packFolder(folder: string, dockerfile = "Dockerfile"): Promise<Readable> {
  const entries = await walk(folder, await readIgnoreRules(folder, dockerfile));
  const archive = pack();
  void packEntries(archive, entries).catch((error: unknown) => archive.destroy(error as Error));
  return Readable.from(archive, { objectMode: false });
}

async function packEntries(archive: Pack, entries: readonly ContextEntry[]): Promise<void> {
  for (const entry of entries) await packEntry(archive, entry).catch(throwCannotPack(entry));
  archive.finalize();
}

async function packEntry(
  archive: Pack,
  { name, path, type, mode, size }: ContextEntry,
): Promise<void> {
  const header = { name, type, mode, uid: 0, gid: 0, mtime: new Date(0) };
  if (type === "symlink") archive.entry({ ...header, linkname: await readlink(path) });
  else if (type === "directory") archive.entry(header);
  else await pipeline(createReadStream(path), archive.entry({ ...header, size }));
}

function throwCannotPack({ path }: ContextEntry): (error: unknown) => never {
  return (cause) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === undefined ? "it changed while it was read" : message;
    const hint = "exclude it with .dockerignore, or make it readable for this user";
    throw new ReynsError("FILE_REFUSED", `cannot pack ${path}: ${reason}`, { hint, cause });
  };
}

interface IgnoreRules {
  readonly includes: (name: string) => boolean;
  /** An excluded folder may still contain something that is included. */
  readonly hasExceptions: boolean;
}

async function readIgnoreRules(folder: string, dockerfile: string): Promise<IgnoreRules> {
  const file = join(folder, ".dockerignore");
  const text = await readFile(file, "utf8").catch(emptyIfMissing(file));
  const rules = ignore().add(text);
  // The builder needs both, even where the rules exclude them.
  const required = new Set([dockerfile, ".dockerignore"]);
  return {
    includes: (name) => required.has(name) || !rules.ignores(name),
    hasExceptions: /^\s*!/m.test(text) || dockerfile.includes("/"),
  };
}

/** A .dockerignore that cannot be read may keep secrets out of an image. */
function emptyIfMissing(file: string): (cause: NodeJS.ErrnoException) => string {
  return (cause) => {
    if (cause.code === "ENOENT") return "";
    const hint =
      "without it every file would be sent to the builder: make it readable for this user";
    throw new ReynsError("FILE_REFUSED", `cannot read ${file}: ${cause.message}`, { hint, cause });
  };
}

async function walk(folder: string, rules: IgnoreRules, below = ""): Promise<ContextEntry[]> {
  const names = (await readdir(join(folder, below))).toSorted();
  const entries = await Promise.all(
    names.map((name) => walkEntry(folder, below === "" ? name : `${below}/${name}`, rules)),
  );
  return entries.flat();
}

async function walkEntry(
  folder: string,
  name: string,
  rules: IgnoreRules,
): Promise<ContextEntry[]> {
  const path = join(folder, name);
  const stats = await lstat(path);
  const isIncluded = rules.includes(name);
  const entry = { name, path, mode: stats.mode & 0o7777, size: stats.size };
  if (stats.isDirectory()) {
    const inside = isIncluded || rules.hasExceptions ? await walk(folder, rules, name) : [];
    return isIncluded || inside.length > 0 ? [{ ...entry, type: "directory" }, ...inside] : [];
  }
  if (!isIncluded) return [];
  if (stats.isSymbolicLink()) return [{ ...entry, type: "symlink" }];
  return stats.isFile() ? [{ ...entry, type: "file" }] : [];
}
