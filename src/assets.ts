import { Readable } from "node:stream";
// One tar instead of many files, because embedded files lose modes, links and empty folders.
import tar from "../dist/assets.tar.zst" with { type: "file" };
import { ReynsError } from "./errors.ts";
import { packTar, readTar, type TarEntry } from "./lib/tar.ts";
import { FileConflict, writeEntries } from "./lib/write-entries.ts";

async function readAssets(prefix: string): Promise<TarEntry[]> {
  // node:fs streams cannot read embedded files.
  const entries = await readTar(Bun.zstdDecompressSync(await Bun.file(tar).bytes()), prefix);
  if (entries.length === 0) throw new Error(`no embedded files below "${prefix}"`);
  return entries;
}

/**
 * Streams the embedded files below `prefix` as a tar, usable as a build context. The same executable always gives the same
 * bytes. Errors are emitted by the stream.
 *
 * @example
 * await docker.buildImage(openAssets("images/base"), { t: "reyns/reyns-base" });
 */
export function openAssets(prefix: string): Readable {
  async function* read(): AsyncGenerator<Uint8Array> {
    yield* packTar(await readAssets(prefix));
  }
  return Readable.from(read(), { objectMode: false });
}

/**
 * Lists the files and links below `prefix`, sorted, without folders.
 *
 * @example
 * await listAssets("templates"); // ["basic/reyns.ts", …]
 */
export async function listAssets(prefix: string): Promise<string[]> {
  const entries = await readAssets(prefix);
  return entries.filter((entry) => entry.type !== "directory").map((entry) => entry.name);
}

/** Reads the files below `prefix`; names are relative to it. */
export async function readAssetFiles(
  prefix: string,
): Promise<{ readonly name: string; readonly content: Buffer }[]> {
  return (await readAssets(prefix)).filter(({ type }) => type === "file");
}

/**
 * Writes the embedded files below `prefix` into `folder`, which is created if necessary, with modes and links. Skips files
 * that exist with the same content.
 *
 * @param change transforms the text of each file, or leaves it out with undefined; without it, files are copied byte by byte
 * @returns the names of the files and links written, relative to `folder`
 * @throws ReynsError FILE_REFUSED naming every file that exists with other content; nothing is written then
 *
 * @example
 * const written = await extractAssets("demo", "reyns-demo");
 */
export async function extractAssets(
  prefix: string,
  folder: string,
  change?: (text: string, name: string) => string | undefined,
): Promise<string[]> {
  const entries = await readAssets(prefix);
  if (!change) return write(entries, folder);
  const changed = entries.flatMap(({ content, ...entry }) => {
    const text = change(content.toString(), entry.name);
    return text === undefined ? [] : [{ ...entry, content: Buffer.from(text) }];
  });
  return write(changed, folder);
}

async function write(entries: readonly TarEntry[], folder: string): Promise<string[]> {
  try {
    return await writeEntries(entries, folder);
  } catch (error) {
    if (!(error instanceof FileConflict)) throw error;
    const message = `${folder} has other files of these names: ${error.files.join(", ")}`;
    const hint = "nothing was written; choose another folder, or move these files away";
    throw new ReynsError("FILE_REFUSED", message, { hint });
  }
}
