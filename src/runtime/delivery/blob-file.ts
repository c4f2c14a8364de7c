import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, createGzip } from "node:zlib";
import { writeAt, writeThrough } from "../saved/frames.ts";
import { readRange } from "../saved/read-range.ts";
import type { SavedWriter } from "../saved/writer.ts";

/** Contents by their digests, each compressed once, in a file without a name: nothing of it outlives this process. */
export interface BlobFile extends AsyncDisposable, Pick<SavedWriter, "addFile"> {
  /** A content as a member of a gzip file; undefined for one that was not added, or left out. */
  readonly find: (digest: string) => CompressedBlob | undefined;
}

export interface CompressedBlob {
  /** Bytes. */
  readonly length: number;
  readonly read: (signal: AbortSignal) => AsyncGenerator<Uint8Array>;
}

const chunkSize = 256 * 1024;

export async function createBlobFile(signal: AbortSignal): Promise<BlobFile> {
  const folder = await mkdtemp(join(tmpdir(), "reyns-images-"));
  const opened: FileHandle[] = [];
  try {
    for (const name of ["content", "compressed"])
      opened.push(await open(join(folder, name), "wx+", 0o600));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const [scratch, file] = opened;
  if (!scratch || !file) throw new Error("files were not opened");
  const places = new Map<string, { readonly start: number; readonly length: number }>();
  let end = 0;
  return {
    addFile: async ({ name: nameOf, size }, content) => {
      const digest = await writeScratch(scratch, content);
      if (nameOf(digest) === undefined || places.has(digest)) return digest;
      const length = await compress(scratch, size, { file, start: end, signal });
      places.set(digest, { start: end, length });
      end += length;
      return digest;
    },
    find: (digest) => {
      const place = places.get(digest);
      if (!place) return undefined;
      const { start, length } = place;
      return { length, read: (own) => readRange(file, start, start + length, own) };
    },
    [Symbol.asyncDispose]: async () => {
      for (const handle of opened) await handle.close();
    },
  };
}

/** Most layers are not needed: they are known by their digests, which show at their ends. */
async function writeScratch(
  scratch: FileHandle,
  content: AsyncIterable<Uint8Array>,
): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  let position = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    await writeAt(scratch, chunk, position);
    position += chunk.length;
  }
  return `sha256:${hash.digest("hex")}`;
}

interface Target {
  readonly file: FileHandle;
  readonly start: number;
  readonly signal: AbortSignal;
}

/** @returns the length of what was written */
async function compress(
  scratch: FileHandle,
  size: number,
  { file, start, signal }: Target,
): Promise<number> {
  const transform = createGzip({ level: await levelFor(scratch), chunkSize });
  return writeThrough(file, start, {
    bytes: readRange(scratch, 0, size, signal),
    transform,
    signal,
  });
}

/** The first bytes of gzip and of zstd. */
const compressed = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])];

async function levelFor(scratch: FileHandle): Promise<number> {
  const { buffer } = await scratch.read(Buffer.alloc(4), 0, 4, 0);
  const isCompressed = compressed.some((mark) => buffer.subarray(0, mark.length).equals(mark));
  return isCompressed ? constants.Z_NO_COMPRESSION : fastLevel;
}

/** Level 6 saves a tenth of the bytes, and takes three times as long. */
const fastLevel = 1;
