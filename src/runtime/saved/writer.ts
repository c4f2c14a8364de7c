import type { FileHandle } from "node:fs/promises";
import { tarBlock, tarFileHeader, tarPadding } from "../../lib/tar-header.ts";
import { savedEntries, type SavedIndex } from "../../model/saved-project.ts";
import { formatTrailer } from "../../model/saved-trailer.ts";
import { plainFrame, plainFrameSize, writeAt, writeFrame } from "./frames.ts";
import { readRange } from "./read-range.ts";

interface WrittenFile {
  /** Its name in the tar, which may follow from its content; undefined: it is taken out again. */
  readonly name: (digest: string) => string | undefined;
  readonly size: number;
  readonly mode?: number;
}

/**
 * Writes a tar as a series of zstd frames, whatever its size with the same memory. A file that `zstd` and `tar` can read,
 * too; its entries can be named, or taken out, after their content has passed.
 */
export interface SavedWriter {
  /** @returns the digest of the content: "sha256:…" */
  readonly addFile: (file: WrittenFile, content: AsyncIterable<Uint8Array>) => Promise<string>;
  /** Adds the entries of a tar without its end, in one frame. */
  readonly addEntries: (entries: AsyncIterable<Uint8Array>) => Promise<void>;
  /** Adds the table of contents and the end. Returns the digest of the file. */
  readonly finish: (index: SavedIndex) => Promise<string>;
}

export function createSavedWriter(handle: FileHandle, signal: AbortSignal): SavedWriter {
  let position = 0;
  const addEntries = async (entries: AsyncIterable<Uint8Array>): Promise<void> => {
    position += await writeFrame(handle, position, entries, signal);
  };
  return {
    addEntries,
    addFile: async ({ name: nameOf, size, mode }, content) => {
      const start = position;
      const hash = new Bun.CryptoHasher("sha256");
      const padded = padContent(content, size, hash);
      const end =
        start + plainFrameSize + (await writeFrame(handle, start + plainFrameSize, padded, signal));
      const digest = `sha256:${hash.digest("hex")}`;
      const name = nameOf(digest);
      if (name === undefined) await handle.truncate(start);
      else {
        await writeAt(handle, plainFrame(tarFileHeader(name, size, mode)), start);
        position = end;
      }
      return digest;
    },
    finish: async (index) => {
      const indexAt = position;
      await addEntries(closingEntries(index));
      const hash = new Bun.CryptoHasher("sha256");
      for await (const chunk of readRange(handle, 0, position, signal)) hash.update(chunk);
      const digest = hash.digest("hex");
      await writeAt(handle, formatTrailer({ indexAt, digest }), position);
      await handle.sync();
      return `sha256:${digest}`;
    },
  };
}

async function* padContent(
  content: AsyncIterable<Uint8Array>,
  size: number,
  hash: Bun.CryptoHasher,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
  yield Buffer.alloc(tarPadding(size));
}

// oxlint-disable-next-line require-await
async function* closingEntries(index: SavedIndex): AsyncGenerator<Uint8Array> {
  const text = Buffer.from(`${JSON.stringify(index, undefined, 1)}\n`);
  yield tarFileHeader(savedEntries.index, text.length);
  yield text;
  yield Buffer.alloc(tarPadding(text.length) + 2 * tarBlock);
}
