// Packs images/, templates/, demo/, completion/ and the declarations of src/api into dist/assets.tar.zst, which is embedded in
// the executable, and writes the arguments of all commands to dist/commands.json. The same tree always gives the same
// bytes. Usage: bun scripts/assets.ts
import { createHash } from "node:crypto";
import { lstat, mkdir, readdir, readFile, readlink, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pack, type Header, type Pack } from "tar-stream";
import { writeCommandTable } from "./command-table.ts";
import { writeDeclarations } from "./declarations.ts";

const root = dirname(import.meta.dir);
const folders = ["images", "templates", "demo", "completion"];
const target = join(root, "dist", "assets.tar.zst");

// Left behind by a run of the demo in this checkout, an editor or the operating system. `.reyns` contains keys.
const ignored = /^(\.reyns|node_modules|host\.conf|data_.*|\.DS_Store|.*~|.*\.sw[po])$/;

const fixed = { uid: 0, gid: 0, mtime: new Date(0) };

/** Lists the names below `folder`: parents before children, sorted by bytes. */
async function walk(base: string, folder: string): Promise<string[]> {
  const children = (await readdir(join(base, folder), { withFileTypes: true }))
    .filter((entry) => !ignored.test(entry.name))
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  const names = [folder];
  for (const child of children) {
    const name = `${folder}/${child.name}`;
    names.push(...(child.isDirectory() ? await walk(base, name) : [name]));
  }
  return names;
}

function addEntry(
  archive: Pack,
  header: Partial<Header> & { name: string },
  content?: Buffer,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  archive.entry({ ...fixed, ...header }, content ?? "", (error?: Error | null) =>
    error ? reject(error) : resolve(),
  );
  return promise;
}

async function addFile(archive: Pack, base: string, name: string): Promise<void> {
  const path = join(base, name);
  const stat = await lstat(path);
  if (stat.isDirectory())
    return addEntry(archive, { name: `${name}/`, type: "directory", mode: 0o755 });
  if (stat.isSymbolicLink()) {
    return addEntry(archive, {
      name,
      type: "symlink",
      mode: 0o777,
      linkname: await readlink(path),
    });
  }
  if (!stat.isFile()) throw new Error(`${name} is not a file, a folder or a link`);
  const mode = stat.mode & 0o111 ? 0o755 : 0o644;
  return addEntry(archive, { name, type: "file", mode }, await readFile(path));
}

/**
 * Packs folders of `base` into a tar: sorted, owned by 0:0, dated at the epoch, so that equal trees give equal bytes.
 *
 * @param elsewhere folders with another base: name -> base
 * @example
 * const bytes = await packFolders("/src/reyns", ["images", "demo"]);
 */
export async function packFolders(
  base: string,
  names: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  const archive = pack();
  const written = (async () => {
    for (const folder of [...names, ...Object.keys(elsewhere)].toSorted()) {
      const above = elsewhere[folder] ?? base;
      for (const name of await walk(above, folder)) await addFile(archive, above, name);
    }
    archive.finalize();
  })();
  const [chunks] = await Promise.all([
    Array.fromAsync(archive as AsyncIterable<Uint8Array>),
    written,
  ]);
  return Buffer.concat(chunks);
}

/** Writes the files of dist/ that the sources import, unless they are up to date. */
export async function writeAssets(): Promise<void> {
  await writeDeclarations();
  await writeArchive();
  await writeDigest();
  await writeCommandTable();
}

async function writeArchive(): Promise<void> {
  const bytes = await packFolders(root, folders, { editor: join(root, "dist") });
  await writeIfChanged(target, Bun.zstdCompressSync(bytes, { level: 19 }));
}

/** Computed at build time, because unpacking the archive at each start would be slow. */
async function writeDigest(): Promise<void> {
  const bytes = await packFolders(root, ["images"]);
  const images = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  await writeIfChanged(join(root, "dist", "digests.json"), Buffer.from(JSON.stringify({ images })));
}

async function writeIfChanged(file: string, bytes: Buffer): Promise<void> {
  const present = await readFile(file).catch(() => undefined);
  if (present?.equals(bytes)) return;
  await mkdir(dirname(file), { recursive: true });
  // Atomic, because a test that runs at the same time must not see half a file.
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, bytes);
  await rename(draft, file);
}

if (import.meta.main) await writeAssets();
