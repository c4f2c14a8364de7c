import { constants, open } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack, type Pack } from "tar-stream";
import { ReynsError } from "../../errors.ts";
import { readExactly } from "../../lib/read-exactly.ts";
import { tarBlock } from "../../lib/tar-header.ts";
import { savedEntries, type SavedFile, type SavedIndex } from "../../model/saved-project.ts";
import type { SavedWriter } from "./writer.ts";

/** A file, a link or an empty folder of a project, not read yet. */
export type FileToPack = Pick<SavedFile, "path" | "type" | "mode" | "target">;

interface PackRequest {
  /** The project's. */
  readonly folder: string;
  readonly files: readonly FileToPack[];
  /** Paths. */
  readonly receipts: readonly string[];
  readonly base: SavedIndex | undefined;
}

/** What is packed, or in the base. */
export type PackedFiles = Pick<SavedIndex, "files" | "filesOfBase" | "receipts">;

/**
 * Writes the project's files and its receipts, in one frame. A file that the base has as well is left out.
 *
 * @throws the file system's errors
 */
export async function writeProjectFiles(
  writer: SavedWriter,
  { folder, files, receipts, base }: PackRequest,
): Promise<PackedFiles> {
  const archive = pack();
  const filled = (async () => {
    const packed = await packFiles(archive, folder, files, base);
    const packedReceipts = await packReceipts(archive, receipts);
    archive.finalize();
    return { ...packed, receipts: packedReceipts };
  })();
  filled.catch((error: Error) => archive.destroy(error));
  await writer.addEntries(withoutEnd(archive as AsyncIterable<Uint8Array>));
  return filled;
}

async function packFiles(
  archive: Pack,
  folder: string,
  files: readonly FileToPack[],
  base: SavedIndex | undefined,
): Promise<Pick<SavedIndex, "files" | "filesOfBase">> {
  const packed: SavedFile[] = [];
  const filesOfBase: string[] = [];
  const before = new Map(base?.files.map((file) => [file.path, file]));
  for (const file of files) {
    const former = before.get(file.path);
    const known = former && (await describe(folder, file));
    const isOfBase = known && former.digest === known.digest && former.target === known.target;
    if (isOfBase) filesOfBase.push(file.path);
    packed.push(isOfBase ? known : await packEntry(archive, folder, file));
  }
  return { files: packed, filesOfBase };
}

async function packReceipts(
  archive: Pack,
  paths: readonly string[],
): Promise<SavedIndex["receipts"]> {
  const packed: SavedIndex["receipts"] = [];
  for (const path of paths) {
    const name = basename(path);
    const entry = { name: savedEntries.receipts + name, mode: 0o644 };
    packed.push({ name, ...(await packContent(archive, path, entry)) });
  }
  return packed;
}

/** The same without packing it. */
async function describe(folder: string, file: FileToPack): Promise<SavedFile> {
  if (file.type !== "file") return { ...file, size: 0 };
  const hash = new Bun.CryptoHasher("sha256");
  let size = 0;
  await using handle = await openFile(join(folder, file.path));
  for await (const chunk of readExactly(handle, (await handle.stat()).size)) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { ...file, size, digest: `sha256:${hash.digest("hex")}` };
}

async function packEntry(archive: Pack, folder: string, file: FileToPack): Promise<SavedFile> {
  const { path, type, mode, target } = file;
  const name = savedEntries.files + path;
  if (type === "file")
    return { ...file, ...(await packContent(archive, join(folder, path), { name, mode })) };
  archive.entry({ name, type, mode, mtime: new Date(0), ...(target && { linkname: target }) });
  return { ...file, size: 0 };
}

async function packContent(
  archive: Pack,
  path: string,
  { name, mode }: { readonly name: string; readonly mode: number },
): Promise<{ digest: string; size: number }> {
  await using handle = await openFile(path);
  const { size } = await handle.stat();
  const hash = new Bun.CryptoHasher("sha256");
  const content = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of readExactly(handle, size)) {
      hash.update(chunk);
      yield chunk;
    }
  };
  const entry = archive.entry({ name, mode, size, mtime: new Date(0) });
  await pipeline(Readable.from(content(), { objectMode: false }), entry);
  if ((await handle.stat()).size !== size) throw changedMeanwhile(`${path} has changed its size`);
  return { digest: `sha256:${hash.digest("hex")}`, size };
}

async function openFile(path: string): ReturnType<typeof open> {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  try {
    return await open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  } catch (error) {
    if (!["ENOENT", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    throw changedMeanwhile(`${path} has been removed or replaced`, error);
  }
}

function changedMeanwhile(what: string, cause?: unknown): ReynsError {
  return new ReynsError("FILE_REFUSED", `${what} meanwhile`, { hint: "save again", cause });
}

/** The entries alone: more follow in the same tar. */
export async function* withoutEnd(tar: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of tar) {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const end = Math.max(0, bytes.length - 2 * tarBlock);
    held = Buffer.from(bytes.subarray(end));
    if (end > 0) yield bytes.subarray(0, end);
  }
}
