import type { FileHandle } from "node:fs/promises";
import { normalize } from "node:path/posix";
import { gunzipSync } from "node:zlib";
import { isRecord } from "../../lib/is-record.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { readTarEntries } from "../../lib/tar-entries.ts";
import { writeAt } from "../saved/frames.ts";
import { readRange } from "../saved/read-range.ts";

/** A piece of a layer's tar: bytes between contents, or the content of a file. */
type Piece = { readonly bytes: Buffer } | { readonly path: string; readonly size: number };

/**
 * Reads the record by which Docker's own image store makes the tar of a layer again from the layer's folder.
 *
 * @returns undefined for a record that is not as expected
 * @see https://github.com/vbatts/tar-split
 */
export function parseTarSplit(record: Buffer): Piece[] | undefined {
  const lines = gunzipSync(record).toString().split("\n").filter(Boolean);
  const pieces = lines.map((line) => pieceOf(parseJson(line)));
  return pieces.includes(undefined) ? undefined : pieces.flatMap((piece) => piece ?? []);
}

const kinds = { file: 1, bytes: 2 };

function pieceOf(entry: unknown): Piece | undefined {
  if (!isRecord(entry)) return undefined;
  const { type, name, size = 0, payload } = entry;
  if (type === kinds.bytes && typeof payload === "string")
    return { bytes: Buffer.from(payload, "base64") };
  // A name that is no UTF-8 is in another field.
  if (type !== kinds.file || typeof name !== "string" || typeof size !== "number") return undefined;
  return { path: plainPath(name), size };
}

function plainPath(path: string): string {
  return normalize(`/${path}`);
}

export function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce(
    (total, piece) => total + ("bytes" in piece ? piece.bytes.length : piece.size),
    0,
  );
}

interface ContentPlace {
  readonly start: number;
  readonly size: number;
}

/**
 * Writes the files of a layer into one, which may be read in any order then.
 *
 * @param archive the layer's folder, as the Engine packs it: below the folder's own name
 * @returns path -> where its content is
 */
export async function writeContents(
  file: FileHandle,
  archive: AsyncIterable<Uint8Array>,
  onRead: (bytes: number) => void,
): Promise<Map<string, ContentPlace>> {
  const contents = new Map<string, ContentPlace>();
  let end = 0;
  for await (const { header, content } of readTarEntries(archive)) {
    const { name, type, size } = header;
    if (type !== "file") continue;
    contents.set(plainPath(name.replace(/^[^/]*\//, "")), { start: end, size });
    for await (const bytes of content) {
      await writeAt(file, bytes, end);
      end += bytes.length;
      onRead(bytes.length);
    }
  }
  return contents;
}

/** Puts the tar of a layer together. What has a wrong content shows in the digest of the whole. */
export async function* joinPieces(
  pieces: readonly Piece[],
  file: FileHandle,
  contents: ReadonlyMap<string, ContentPlace>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if ("bytes" in piece) yield piece.bytes;
    else if (piece.size > 0) {
      const extent = contents.get(piece.path);
      if (extent?.size !== piece.size) throw new Error(`the layer's folder lacks ${piece.path}`);
      yield* readRange(file, extent.start, extent.start + extent.size, signal);
    }
  }
}
