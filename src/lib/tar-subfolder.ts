import type { Readable } from "node:stream";
import { extract, pack, type Header, type Pack } from "tar-stream";

/**
 * Extracts a folder from the tar of a file system, as a tar of its content with the folder itself as ".". Keeps owners,
 * modes and links.
 *
 * @param path of the folder, such as "/var/log"
 */
export async function* extractSubfolder(whole: Readable, path: string): AsyncGenerator<Uint8Array> {
  const folder = pack();
  const filled = fill(folder, whole, path.replace(/^\//, ""));
  filled.catch((error: Error) => folder.destroy(error));
  yield* folder as AsyncIterable<Uint8Array>;
  await filled;
}

async function fill(folder: Pack, whole: Readable, path: string): Promise<void> {
  const reader = extract();
  whole.on("error", (error) => reader.destroy(error)).pipe(reader);
  for await (const source of reader) {
    const header = within(source.header, path);
    const content = await Array.fromAsync(source as AsyncIterable<Uint8Array>);
    if (header) await add(folder, header, Buffer.concat(content));
  }
  folder.finalize();
}

/** Resolves when the reader has consumed the entry, so that only one file is in memory. */
function add(folder: Pack, header: Header, content: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    folder.entry(header, content, (error) => (error ? reject(error) : resolve()));
  });
}

/** Renames an entry relative to the folder; undefined if it is outside. */
function within(header: Header, path: string): Header | undefined {
  const name = nameWithin(header.name, path);
  if (name === undefined) return undefined;
  // A symlink's target is relative to the link; a hard link's target is a name in the tar.
  const target = header.type === "link" ? nameWithin(header.linkname, path) : undefined;
  return { ...header, name, linkname: target ?? header.linkname, pax: withoutNames(header) };
}

/** Removes names too long for the header, which the new names replace. */
function withoutNames({ pax }: Header): Record<string, string> | null {
  const others = Object.entries(pax ?? {}).filter(([key]) => key !== "path" && key !== "linkpath");
  return others.length > 0 ? (Object.fromEntries(others) as Record<string, string>) : null;
}

function nameWithin(name: string, path: string): string | undefined {
  const plain = name.replace(/^(\.?\/)+|\/$/g, "");
  if (plain === path) return ".";
  return plain.startsWith(`${path}/`) ? plain.slice(path.length + 1) : undefined;
}
