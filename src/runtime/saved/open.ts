import { open, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import * as v from "valibot";
import { ReynsError } from "../../errors.ts";
import { isRecord } from "../../lib/is-record.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { readTarEntries, type StreamedEntry } from "../../lib/tar-entries.ts";
import { savedEntries, savedIndexSchema, type SavedIndex } from "../../model/saved-project.ts";
import { parseTrailer, trailerSize } from "../../model/saved-trailer.ts";
import { whyLinksRefused } from "./links.ts";
import { readRange } from "./read-range.ts";

/** A file that `save` has written, open, with its table of contents. */
export interface SavedProject extends AsyncDisposable {
  /** As the user named it. */
  readonly file: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Digest of the file: "sha256:…" */
  readonly id: string;
  readonly index: SavedIndex;
  /** The entries of its tar, which have to be read in this order. */
  readonly entries: (signal: AbortSignal) => AsyncGenerator<StreamedEntry>;
}

interface OpenOptions {
  /** What the user calls it; its path by default. */
  readonly name?: string;
  readonly signal: AbortSignal;
  /** @param bytes read so far */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Opens a file that `save` has written, and checks the digest of all of it: it is complete, and as it was written.
 *
 * @throws ReynsError FILE_REFUSED
 */
export async function openSaved(
  path: string,
  { name: file = path, signal, onProgress = () => {} }: OpenOptions,
): Promise<SavedProject> {
  const handle = await openFile(path);
  try {
    const { size } = await handle.stat();
    const { indexAt, digest } = await readTrailer(handle, file, size);
    const end = size - trailerSize;
    const hash = new Bun.CryptoHasher("sha256");
    let done = 0;
    for await (const chunk of readRange(handle, 0, end, signal)) {
      hash.update(chunk);
      onProgress((done += chunk.length));
    }
    if (hash.digest("hex") !== digest)
      throw savedError(file, "it has been altered since it was written");
    return {
      file,
      name: basename(file),
      size,
      id: `sha256:${digest}`,
      index: await readIndex(handle, file, [indexAt, end], signal),
      entries: (abort) => readEntries(handle, file, [0, end], abort),
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Bytes. That of a hundred thousand files has some 20 MB. */
const longestIndex = 100_000_000;

const copyAgain = "copy it again, or save it again";

export function savedError(file: string, reason: string, cause?: unknown): ReynsError {
  return new ReynsError("FILE_REFUSED", `${file} is refused: ${reason}; nothing was loaded`, {
    hint: copyAgain,
    cause,
  });
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    const handle = await open(file, "r");
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    throw new ReynsError("FILE_REFUSED", `${file} is not a regular file`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new ReynsError("FILE_REFUSED", `${file} does not exist`, { cause: error });
  }
}

async function readTrailer(
  handle: FileHandle,
  file: string,
  size: number,
): Promise<NonNullable<ReturnType<typeof parseTrailer>>> {
  const start = Math.max(0, size - trailerSize);
  const trailer = parseTrailer(
    Buffer.concat(await Array.fromAsync(readRange(handle, start, size))),
  );
  if (trailer !== undefined && trailer.indexAt < start) return trailer;
  const [magic] = await Array.fromAsync(readRange(handle, 0, 4));
  const isZstd = magic?.equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd])) ?? false;
  throw isZstd
    ? savedError(file, "its end is missing or altered")
    : new ReynsError("FILE_REFUSED", `${file} is not a file of reyns save`);
}

async function readIndex(
  handle: FileHandle,
  file: string,
  range: readonly [number, number],
  signal: AbortSignal,
): Promise<SavedIndex> {
  for await (const { header, content } of readEntries(handle, file, range, signal)) {
    if (header.name !== savedEntries.index) break;
    if (header.size > longestIndex) break;
    const document = parseJson(Buffer.concat(await Array.fromAsync(content)).toString());
    if (isRecord(document) && Number(document["format"]) > 1)
      throw new ReynsError("FILE_REFUSED", `${file} was saved by a newer version of Reyns`, {
        hint: "upgrade this one: reyns upgrade",
      });
    const { success, output, issues } = v.safeParse(savedIndexSchema, document);
    if (!success) throw savedError(file, describeIssue(issues[0]));
    const refused = whyLinksRefused(output);
    if (refused !== undefined) throw savedError(file, refused);
    return output;
  }
  throw savedError(file, `it has no ${savedEntries.index}`);
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  return `${savedEntries.index}: ${v.getDotPath(issue) ?? ""}: ${issue.message}`;
}

async function* readEntries(
  handle: FileHandle,
  file: string,
  [start, end]: readonly [number, number],
  signal: AbortSignal,
): AsyncGenerator<StreamedEntry> {
  const source = Readable.from(readRange(handle, start, end, signal), { objectMode: false });
  const plain = createZstdDecompress({ chunkSize: 256 * 1024 });
  const read = pipeline(source, plain);
  read.catch(() => {});
  try {
    yield* readTarEntries(plain);
    await read;
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof ReynsError
      ? error
      : savedError(file, `it cannot be read: ${(error as Error).message}`, error);
  } finally {
    source.destroy();
    plain.destroy();
  }
}
