import { createReadStream } from "node:fs";
import { lstat, readFile, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { compileAsUsual } from "../../lib/jit.ts";
import { ReynsError } from "../../errors.ts";
import ignore from "@balena/dockerignore";
import { pack, type Pack } from "tar-stream";

interface ContextEntry {
  readonly name: string;
  readonly path: string;
  readonly type: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly size: number;
}

/**
 * Packs a build context: what `.dockerignore` leaves, sorted by name, owned by root, without times, so that the
 * same files give the same bytes. Modes and symbolic links are kept; sockets and devices are left out.
 */
export async function packFolder(folder: string, dockerfile = "Dockerfile"): Promise<Readable> {
  const found = await walk(folder, await readIgnoreRules(folder, dockerfile));
  if (found.length > many) compileAsUsual();
  const archive = pack();
  void packEntries(archive, found).catch((error: unknown) => archive.destroy(error as Error));
  return Readable.from(archive, { objectMode: false });
}

/** Files from which on it pays to compile what packs them. */
const many = 1000;

async function packEntries(archive: Pack, found: readonly ContextEntry[]): Promise<void> {
  for (const entry of found) await packEntry(archive, entry).catch(cannotPack(entry));
  archive.finalize();
}

function cannotPack({ path }: ContextEntry): (error: unknown) => never {
  return (cause) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === undefined ? "it changed while it was read" : message;
    const hint = "leave it out of the build with .dockerignore, or let this user read it";
    throw new ReynsError("FILE_REFUSED", `${path} cannot be packed: ${why}`, { hint, cause });
  };
}

async function packEntry(
  archive: Pack,
  { name, path, type, mode, size }: ContextEntry,
): Promise<void> {
  const header = { name, type, mode, uid: 0, gid: 0, mtime: new Date(0) };
  if (type === "symlink") {
    archive.entry({ ...header, linkname: await readlink(path) });
    return;
  }
  if (type === "directory") {
    archive.entry(header);
    return;
  }
  await pipeline(createReadStream(path), archive.entry({ ...header, size }));
}

type IsIncluded = (name: string, isFolder: boolean) => boolean;

async function readIgnoreRules(
  folder: string,
  dockerfile: string,
): Promise<{ keeps: IsIncluded; mayHoldKept: boolean }> {
  const file = join(folder, ".dockerignore");
  const text = await readFile(file, "utf8").catch(unlessAbsent(file));
  const rules = ignore().add(text);
  // Sent even when the rules name them: the builder needs both.
  const always = new Set([dockerfile, ".dockerignore"]);
  return {
    keeps: (name) => always.has(name) || !rules.ignores(name),
    // An exception may bring back something inside an ignored folder.
    mayHoldKept: /^\s*!/m.test(text) || dockerfile.includes("/"),
  };
}

/** What cannot be read may keep secrets out of an image. */
function unlessAbsent(file: string): (cause: NodeJS.ErrnoException) => string {
  return (cause) => {
    if (cause.code === "ENOENT") return "";
    const message = `${file} cannot be read: ${cause.message}`;
    const hint = "without it everything would be sent to the builder: let this user read it";
    throw new ReynsError("FILE_REFUSED", message, { hint, cause });
  };
}

async function walk(
  folder: string,
  rules: { keeps: IsIncluded; mayHoldKept: boolean },
  below = "",
): Promise<ContextEntry[]> {
  const names = (await readdir(join(folder, below))).toSorted();
  const found = await Promise.all(
    names.map((name) => walkEntry(folder, below === "" ? name : `${below}/${name}`, rules)),
  );
  return found.flat();
}

async function walkEntry(
  folder: string,
  name: string,
  rules: { keeps: IsIncluded; mayHoldKept: boolean },
): Promise<ContextEntry[]> {
  const path = join(folder, name);
  const stat = await lstat(path);
  const kept = rules.keeps(name, stat.isDirectory());
  const entry = { name, path, mode: stat.mode & 0o7777, size: stat.size };
  if (stat.isDirectory()) {
    const inside = kept || rules.mayHoldKept ? await walk(folder, rules, name) : [];
    return kept || inside.length > 0 ? [{ ...entry, type: "directory" }, ...inside] : [];
  }
  if (!kept) return [];
  if (stat.isSymbolicLink()) return [{ ...entry, type: "symlink" }];
  return stat.isFile() ? [{ ...entry, type: "file" }] : [];
}
