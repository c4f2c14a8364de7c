import { constants } from "node:fs";
import { open, readlink } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack, type Pack } from "tar-stream";
import { readExactly } from "../../lib/read-exactly.ts";
import { readContextRules, type ContextRules } from "./context-rules.ts";
import { pathInContext } from "./dockerfile-path.ts";
import { resolveDockerfile, withDockerfile } from "./dockerfile.ts";
import { ifExists, throwCannotPack, walkContext, type ContextEntry } from "./walk-context.ts";

export interface ContextOptions {
  /** Path of the Dockerfile, relative to the context. */
  readonly dockerfile?: string;
  /** Its text, instead of a file's. */
  readonly dockerfileText?: string | undefined;
  /** Files and folders that are left out, whatever `.dockerignore` says. */
  readonly privatePaths?: readonly string[];
}

/**
 * Packs a build context: everything that `.dockerignore` does not exclude, sorted by name, owned by root, without times,
 * so that the same files give the same bytes. Modes and symbolic links are kept; sockets and devices are left out, and
 * so are the files that Reyns keeps for a project: keys, `host.conf` and data.
 *
 * A file that changes meanwhile is packed with the size that it had when it was opened; one that has disappeared is left
 * out. The digest of the build is made of what was packed, so the next build reads it again.
 *
 * @throws ReynsError FILE_REFUSED; for a file that cannot be read, as the stream's `error`
 */
export async function packFolder(
  folder: string,
  { dockerfile = "Dockerfile", dockerfileText, privatePaths = [] }: ContextOptions = {},
): Promise<Readable> {
  const rules = await readContextRules(folder, dockerfile, privatePaths);
  const found = await walkContext(folder, rules);
  const archive = pack();
  const isReplaced = dockerfileText !== undefined;
  const path = pathInContext(dockerfile);
  if (isReplaced) archive.entry({ name: path, mode: 0o644, mtime: new Date(0) }, dockerfileText);
  const entries = isReplaced
    ? found.filter(({ name }) => name !== path)
    : withDockerfile(folder, dockerfile, found);
  const packing = packEntries(archive, entries, { dockerfile: path, rules });
  void packing.catch((error: unknown) => archive.destroy(error as Error));
  return Readable.from(archive, { objectMode: false });
}

async function packEntries(
  archive: Pack,
  entries: readonly ContextEntry[],
  { dockerfile, rules }: { readonly dockerfile: string; readonly rules: ContextRules },
): Promise<void> {
  for (const entry of entries) {
    const isDockerfile = entry.name === dockerfile;
    // The target of a link may be outside of the context, where the builder cannot follow it.
    const path = isDockerfile ? await resolveDockerfile(entry.path, rules.isPrivate) : entry.path;
    if (path === undefined) continue;
    const isFile = entry.type === "file" || isDockerfile;
    const packing = isFile ? packFile(archive, { ...entry, path }) : packOther(archive, entry);
    await packing.catch(throwCannotPack(path));
  }
  archive.finalize();
}

async function packOther(archive: Pack, { name, path, type, mode }: ContextEntry): Promise<void> {
  const header = { name, mode, uid: 0, gid: 0, mtime: new Date(0) };
  if (type === "directory") return void archive.entry({ ...header, type });
  const linkname = await ifExists(readlink(path));
  if (linkname !== undefined) archive.entry({ ...header, type: "symlink", linkname });
}

async function packFile(archive: Pack, { name, path, type, mode }: ContextEntry): Promise<void> {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  const handle = await ifExists(open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW));
  if (!handle) return;
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return;
    const chunks = readExactly(handle, stats.size);
    const own = type === "symlink" ? stats.mode & 0o7777 : mode;
    const header = { name, mode: own, uid: 0, gid: 0, mtime: new Date(0), size: stats.size };
    await pipeline(Readable.from(chunks, { objectMode: false }), archive.entry(header));
  } finally {
    await handle.close();
  }
}
