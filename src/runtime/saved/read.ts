import type { StreamedEntry } from "../../lib/tar-entries.ts";
import { savedEntries, type SavedFile, type SavedIndex } from "../../model/saved-project.ts";
import { blobName } from "./export-images.ts";
import { savedError, type SavedProject } from "./open.ts";

/** What an entry has to be, by the table of contents. */
export interface SavedEntry {
  /** In the tar. */
  readonly name: string;
  readonly type: SavedFile["type"];
  readonly size: number;
  /** Of a file: "sha256:…" */
  readonly digest: string | undefined;
}

/** An entry whose content fails at its end if it is not what the table of contents says. */
export interface VerifiedEntry extends SavedEntry {
  readonly content: AsyncIterable<Uint8Array>;
}

/** For a load without Reyns; the same is in the table of contents. */
const copies = new Set([savedEntries.index, "manifest.json", "index.json", "oci-layout"]);

/**
 * Reads all that a saved project has, in its order: files before images. Whatever the table of contents does not have is
 * refused, and what it has and the file has not.
 *
 * @throws ReynsError FILE_REFUSED
 */
export async function* readSaved(
  saved: SavedProject,
  signal: AbortSignal,
): AsyncGenerator<VerifiedEntry> {
  const expected = expectedEntries(saved.index);
  for await (const entry of saved.entries(signal)) {
    const name = entry.header.name.replace(/\/$/, "");
    if (copies.has(name)) continue;
    const known = expected.get(name);
    if (known?.type !== entry.header.type || (known.digest && known.size !== entry.header.size))
      throw savedError(
        saved.file,
        `its table of contents has no such ${entry.header.type} ${name}`,
      );
    expected.delete(name);
    yield { ...known, content: verify(saved.file, known, entry) };
  }
  const [missing] = expected.keys();
  if (missing !== undefined) throw savedError(saved.file, `it lacks ${missing}`);
}

function expectedEntries(index: SavedIndex): Map<string, SavedEntry> {
  const ofBase = new Set(index.filesOfBase);
  const { executable } = index;
  const entries: SavedEntry[] = [
    ...index.files
      .filter(({ path }) => !ofBase.has(path))
      .map(({ path, type, size, digest }) => ({
        name: savedEntries.files + path,
        type,
        size,
        digest,
      })),
    ...index.receipts.map(({ name, ...blob }) => fileEntry(savedEntries.receipts + name, blob)),
    ...(executable && !executable.isOfBase ? [fileEntry(savedEntries.executable, executable)] : []),
    ...index.blobs.map((blob) => fileEntry(blobName(blob.digest), blob)),
  ];
  return new Map(entries.map((entry) => [entry.name, entry]));
}

function fileEntry(
  name: string,
  { digest, size }: { readonly digest: string; readonly size: number },
): SavedEntry {
  return { name, type: "file", digest, size };
}

async function* verify(
  file: string,
  { name, digest }: SavedEntry,
  { content }: StreamedEntry,
): AsyncGenerator<Uint8Array> {
  const hash = new Bun.CryptoHasher("sha256");
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
  if (digest !== undefined && `sha256:${hash.digest("hex")}` !== digest)
    throw savedError(file, `${name} does not have the content that its digest says`);
}
