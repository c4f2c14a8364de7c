import { Readable } from "node:stream";
// One tar, not a folder of files: an embedded folder loses modes, links and empty folders.
import tar from "../dist/assets.tar" with { type: "file" };
import { packTar, readTar, writeEntries, type TarEntry } from "./lib/tar.ts";

async function readAssets(prefix: string): Promise<TarEntry[]> {
  // Bun.file, because the streams of node:fs cannot read what lies inside an executable.
  const entries = await readTar(await Bun.file(tar).bytes(), prefix);
  if (entries.length === 0) throw new Error(`the executable carries nothing below "${prefix}"`);
  return entries;
}

/**
 * A tar stream of what the executable carries below `prefix`, named from there: a build context as it is.
 * The same executable always gives the same bytes. What goes wrong arrives as the stream's `error`.
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
 * Names of the files and links below `prefix`, sorted; folders are left out.
 *
 * @example
 * await listAssets("templates"); // ["basic/reyns.ts", …]
 */
export async function listAssets(prefix: string): Promise<string[]> {
  const entries = await readAssets(prefix);
  return entries.filter((entry) => entry.type !== "directory").map((entry) => entry.name);
}

/** The files below `prefix`: their names from there, and what they hold. */
export async function readAssetFiles(
  prefix: string,
): Promise<{ readonly name: string; readonly content: Buffer }[]> {
  return (await readAssets(prefix)).filter(({ type }) => type === "file");
}

/**
 * Writes what the executable carries below `prefix` into `folder`, which is made if need be, with modes
 * and links. Files that are there already with the same content are left alone.
 *
 * @param change what to make of each file's text; without it they stay as they are, to the byte
 * @returns the names of the files and links that it wrote, relative to `folder`
 * @throws ReynsError FILE_REFUSED naming every file that is there with other content; nothing is written then
 *
 * @example
 * const written = await extractAssets("demo", "reyns-demo");
 */
export async function extractAssets(
  prefix: string,
  folder: string,
  change?: (text: string) => string,
): Promise<string[]> {
  const entries = await readAssets(prefix);
  if (!change) return writeEntries(entries, folder);
  const changed = entries.map(({ content, ...entry }) => ({
    ...entry,
    content: Buffer.from(change(content.toString())),
  }));
  return writeEntries(changed, folder);
}
