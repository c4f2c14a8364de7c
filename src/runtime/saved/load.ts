import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import {
  findStoredImage,
  listStoredImages,
  loadImages,
} from "../../docker/images/image-archive.ts";
import { ReynsError } from "../../errors.ts";
import { tarBlock, tarFileHeader, tarPadding } from "../../lib/tar-header.ts";
import { layerChains, savedEntries, type SavedIndex } from "../../model/saved-project.ts";
import type { Engine } from "../connect.ts";
import { dockerManifest, ociLayout } from "./docker-layout.ts";
import type { SavedProject } from "./open.ts";
import { readSaved, type VerifiedEntry } from "./read.ts";

interface LoadOptions {
  /** An empty folder of this load alone, which gets the files by their digests. */
  readonly stage: string;
  readonly signal: AbortSignal;
  /** @param bytes of the images so far, uncompressed */
  readonly onProgress: (bytes: number) => void;
}

/**
 * Refuses a file of changes where what it builds on is missing.
 *
 * @throws ReynsError FILE_REFUSED
 */
export async function requireBaseLayers(engine: Engine, saved: SavedProject): Promise<void> {
  const { base, images, blobs } = saved.index;
  if (!base) return;
  const present = new Set(blobs.map(({ digest }) => digest));
  const wanted = images.flatMap(({ layers }) =>
    layers.flatMap(({ digest }, index) =>
      present.has(digest)
        ? []
        : [
            layers
              .slice(0, index + 1)
              .map(({ diffId }) => diffId)
              .join(" "),
          ],
    ),
  );
  if (wanted.length === 0) return;
  const stored = await listStoredImages(engine);
  const chains = layerChains(stored.map(({ diffIds }) => diffIds));
  const missing = new Set(wanted.filter((chain) => !chains.has(chain)));
  if (missing.size > 0) throw baseError(saved, `this Engine lacks ${missing.size} of its layers`);
}

/** What has to be loaded first, and why. */
export function baseError({ file, index }: SavedProject, reason: string): ReynsError {
  const { name = "", savedAt = "" } = index.base ?? {};
  const message = `${file} has only what changed since ${name} (saved ${savedAt}), and ${reason}`;
  return new ReynsError("FILE_REFUSED", message, {
    hint: `load that one first, into the same folder: reyns load ${name}; or save everything: reyns save without since=`,
  });
}

/**
 * Verifies what a saved project has while the Engine loads its images, and lays its files aside. The Engine gets the end
 * of the images, without which it keeps none, when everything was as it has to be.
 *
 * @throws ReynsError FILE_REFUSED, NO_ENGINE, ENGINE_REFUSED; the file system's errors
 */
export async function loadSaved(
  engine: Engine,
  saved: SavedProject,
  { stage, signal, onProgress }: LoadOptions,
): Promise<void> {
  let isSent = false;
  const tar = async function* (): AsyncGenerator<Uint8Array> {
    yield* dockerTar(withStaged(readSaved(saved, signal), stage), saved.index, onProgress);
    isSent = true;
  };
  try {
    await loadImages(engine, tar(), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    // The Engine has all of it then, and is not asked any more.
    const images = isSent ? "the Engine may still load the images, but no file" : "nothing";
    throw new ReynsError("INTERRUPTED", `interrupted; ${images} was changed`, { cause: error });
  }
}

/** Verifies all of it, and loads nothing. */
export async function verifySaved(
  saved: SavedProject,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<void> {
  let done = 0;
  for await (const { content } of readSaved(saved, signal))
    for await (const chunk of content) onProgress((done += chunk.length));
}

/** The names by which staged files are found. */
export function stagedPath(stage: string, digest: string): string {
  return join(stage, digest.replace(/^sha256:/, ""));
}

/** Passes on the images alone. */
async function* withStaged(
  entries: AsyncIterable<VerifiedEntry>,
  stage: string,
): AsyncGenerator<VerifiedEntry> {
  for await (const entry of entries) {
    const { name, digest, content } = entry;
    if (name.startsWith(savedEntries.blobs)) yield entry;
    else if (digest === undefined || name === savedEntries.executable) await consume(content);
    else await pipeline(content, createWriteStream(stagedPath(stage, digest), { mode: 0o600 }));
  }
}

async function consume(content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of content);
}

async function* dockerTar(
  blobs: AsyncIterable<VerifiedEntry>,
  index: SavedIndex,
  onProgress: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const { name, size, content } of blobs) {
    yield tarFileHeader(name, size);
    for await (const chunk of content) {
      yield chunk;
      onProgress((done += chunk.length));
    }
    yield Buffer.alloc(tarPadding(size));
  }
  yield* textEntry("manifest.json", dockerManifest(index));
  if (index.ociIndex !== undefined) {
    yield* textEntry("index.json", index.ociIndex);
    yield* textEntry("oci-layout", ociLayout);
  }
  yield Buffer.alloc(2 * tarBlock);
}

function* textEntry(name: string, text: string): Generator<Uint8Array> {
  const bytes = Buffer.from(text);
  yield tarFileHeader(name, bytes.length);
  yield bytes;
  yield Buffer.alloc(tarPadding(bytes.length));
}

/** An image as it is on this Engine now. */
export interface LoadedImage {
  readonly name: string;
  readonly id: string | undefined;
  /** As it was on the Engine that saved it. */
  readonly savedId: string;
  readonly layers: number;
}

export function findLoaded(engine: Engine, { images }: SavedIndex): Promise<LoadedImage[]> {
  return Promise.all(
    images.flatMap(({ names, id: savedId, config, layers }) =>
      (names.length === 0 ? [config] : names).map(async (name) => {
        const found = await findStoredImage(engine, name);
        return { name, id: found?.id, savedId, layers: layers.length };
      }),
    ),
  );
}
