import { open, type FileHandle } from "node:fs/promises";
import { packTar, type TarEntry } from "../../src/lib/tar.ts";
import { sha256 } from "../../src/lib/sha256.ts";
import { savedEntries, type SavedIndex } from "../../src/model/saved-project.ts";
import { withoutEnd } from "../../src/runtime/saved/pack-files.ts";
import { createSavedWriter } from "../../src/runtime/saved/writer.ts";

/** What a file of `save` has, for one that is made by hand. */
export interface Contents {
  /** Overrides of the table of contents. */
  readonly index?: Partial<SavedIndex>;
  /** Path -> content, of the project. */
  readonly files?: Readonly<Record<string, string>>;
  readonly blobs?: readonly Buffer[];
  /** One more, under a digest that may not be its own. */
  readonly lastBlob?: { readonly digest: string; readonly content: Buffer };
  /** Further entries of the tar, of which the table of contents has nothing. */
  readonly entries?: readonly Partial<TarEntry>[];
}

export const digestOf = (content: string | Buffer): string =>
  `sha256:${sha256(content).toString("hex")}`;

/** Writes a file as `save` does, whatever it has. */
export async function writeSavedFile(path: string, contents: Contents): Promise<void> {
  const { index = {}, files = {}, blobs = [], lastBlob, entries = [] } = contents;
  await using handle: FileHandle = await open(path, "w+");
  const writer = createSavedWriter(handle, new AbortController().signal);
  const listed = Object.entries(files).map(([name, text]) => ({
    path: name,
    type: "file" as const,
    mode: 0o644,
    size: Buffer.byteLength(text),
    digest: digestOf(text),
  }));
  const packed = Object.entries(files).map(([name, text]) =>
    entry({ name: savedEntries.files + name, content: Buffer.from(text) }),
  );
  await writer.addEntries(withoutEnd(packTar([...packed, ...entries.map(entry)])));
  const named = blobs.map((content) => ({ digest: digestOf(content), content }));
  for (const { digest, content } of [...named, ...(lastBlob ? [lastBlob] : [])])
    await writer.addFile(
      { name: () => savedEntries.blobs + digest.slice("sha256:".length), size: content.length },
      chunks(content),
    );
  await writer.finish({
    format: 1,
    reyns: "0.0.0",
    project: "shop",
    conf: "default",
    savedAt: "2026-01-02T03:04:05.000Z",
    images: [],
    blobs: blobs.map((blob) => ({ digest: digestOf(blob), size: blob.length })),
    files: listed,
    filesOfBase: [],
    receipts: [],
    ...index,
  });
}

function entry(given: Partial<TarEntry>): TarEntry {
  return {
    name: "",
    type: "file",
    mode: 0o644,
    linkname: undefined,
    content: Buffer.alloc(0),
    ...given,
  };
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 1000)
    yield bytes.subarray(start, start + 1000);
}
