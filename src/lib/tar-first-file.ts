import type { Readable } from "node:stream";
import { extract } from "tar-stream";

/** The content of a tar's first entry; undefined if that is not a regular file of at most `maxBytes`. Reads no further. */
export async function readFirstFile(
  archive: Readable,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const reader = extract();
  archive.on("error", (error) => reader.destroy(error)).pipe(reader);
  try {
    for await (const entry of reader) {
      const { type, size } = entry.header;
      if (type !== "file" || size > maxBytes) return undefined;
      return Buffer.concat(await Array.fromAsync(entry as AsyncIterable<Uint8Array>));
    }
    return undefined;
  } finally {
    archive.unpipe(reader);
    archive.destroy();
  }
}
