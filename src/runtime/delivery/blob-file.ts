import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, createGzip } from "node:zlib";
import { writeAt, writeThrough } from "../saved/frames.ts";
import { readRange } from "../saved/read-range.ts";
import type { SavedWriter } from "../saved/writer.ts";

/** Contents by their digests, in files without a name: nothing of it outlives this process. */
export interface BlobFile extends AsyncDisposable, Pick<SavedWriter, "addFile"> {
  /** A content; undefined for one that was not added, or left out. */
  readonly find: (digest: string) => KeptBlob | undefined;
}

export interface BlobContent {
  /** Bytes. */
  readonly size: number;
  readonly read: (signal: AbortSignal) => AsyncGenerator<Uint8Array>;
}

export interface KeptBlob extends BlobContent {
  /** The same as a member of a gzip file: compressed when it is first asked for, once. */
  readonly compressed: () => Promise<BlobContent>;
}

const chunkSize = 256 * 1024;

export async function createBlobFile(signal: AbortSignal): Promise<BlobFile> {
  const opened: FileHandle[] = [];
  const openFile = async (): Promise<FileHandle> => {
    const handle = await openUnlinked();
    opened.push(handle);
    return handle;
  };
  const file = await openFile();
  const blobs = new Map<string, KeptBlob>();
  let end = 0;
  return {
    addFile: async ({ name: nameOf, size }, content) => {
      const digest = await writeHashed(file, end, content);
      if (nameOf(digest) === undefined || blobs.has(digest)) {
        await file.truncate(end);
        return digest;
      }
      blobs.set(digest, blobOf({ file, start: end, size }, { openFile, signal }));
      end += size;
      return digest;
    },
    find: (digest) => blobs.get(digest),
    [Symbol.asyncDispose]: async () => {
      for (const handle of opened.splice(0)) await handle.close();
    },
  };
}

/** Opens a file without a name, which ends with this process. */
export async function openUnlinked(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), "reyns-layers-"));
  try {
    return await open(join(folder, "content"), "wx+", 0o600);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Exports of older Engines name no digests: whether a layer is needed shows at its end. */
async function writeHashed(
  file: FileHandle,
  start: number,
  content: AsyncIterable<Uint8Array>,
): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  let position = start;
  for await (const chunk of content) {
    hash.update(chunk);
    await writeAt(file, chunk, position);
    position += chunk.length;
  }
  return `sha256:${hash.digest("hex")}`;
}

interface Extent {
  readonly file: FileHandle;
  readonly start: number;
  readonly size: number;
}

interface CompressOptions {
  readonly openFile: () => Promise<FileHandle>;
  readonly signal: AbortSignal;
}

function blobOf(place: Extent, options: CompressOptions): KeptBlob {
  let compressed: Promise<BlobContent> | undefined;
  const content = contentAt(place);
  return { ...content, compressed: () => (compressed ??= compress(place, options)) };
}

function contentAt({ file, start, size }: Extent): BlobContent {
  return { size, read: (signal) => readRange(file, start, start + size, signal) };
}

async function compress(
  place: Extent,
  { openFile, signal }: CompressOptions,
): Promise<BlobContent> {
  const file = await openFile();
  const transform = createGzip({ level: await levelFor(place), chunkSize });
  const bytes = contentAt(place).read(signal);
  const size = await writeThrough(file, 0, { bytes, transform, signal });
  return contentAt({ file, start: 0, size });
}

/** The first bytes of gzip and of zstd. */
const marks = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])];

/** Level 6 saves a tenth of the bytes, and takes three times as long. */
const fastLevel = 1;

async function levelFor({ file, start }: Extent): Promise<number> {
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, start);
  const isCompressed = marks.some((mark) => buffer.subarray(0, mark.length).equals(mark));
  return isCompressed ? constants.Z_NO_COMPRESSION : fastLevel;
}
