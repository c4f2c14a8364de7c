import type { StoredImage } from "../../docker/images/image-archive.ts";
import type { SavedImage } from "../../model/saved-project.ts";
import type { Engine } from "../connect.ts";
import { writeImages } from "../saved/export-images.ts";
import { normalizeImages, withIds } from "../saved/images.ts";
import { createBlobFile, type BlobFile, type KeptBlob } from "./blob-file.ts";
import { readNeededLayers } from "./stored-layers.ts";

/** Images that were read from an Engine once, to be sent to others. */
export interface PackedImages extends AsyncDisposable {
  readonly images: readonly SavedImage[];
  /** By its digest, a layer that is needed. */
  readonly layer: (digest: string) => KeptBlob | undefined;
  readonly isLayer: (digest: string) => boolean;
  /** By their digests: configurations, manifests, and layers that are as small. */
  readonly small: ReadonlyMap<string, Buffer>;
  /** The index of an OCI layout, from Engines that write one. */
  readonly ociIndex: string | undefined;
}

interface PackOptions {
  /** Digests of the tars of the layers that are to be sent. */
  readonly needed: ReadonlySet<string>;
  /** Whether all that they are sent to have Docker's own store. */
  readonly isForClassicOnly: boolean;
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Reads images from the Engine that has them, and keeps the layers that are needed.
 *
 * @param images names with tags -> what the Engine has under them
 * @throws ReynsError NO_ENGINE, ENGINE_REFUSED; the file system's errors
 */
export async function packImages(
  engine: Engine,
  images: ReadonlyMap<string, StoredImage>,
  options: PackOptions,
): Promise<PackedImages> {
  const { needed, onBytes, signal } = options;
  const known = new Set([...images.values()].flatMap(({ diffIds }) => diffIds));
  // Layers that the Engine keeps compressed have other digests: all of those are kept.
  const isLeftOut = (digest: string): boolean => known.has(digest) && !needed.has(digest);
  const blobs = await createBlobFile(signal);
  try {
    const stored = await readNeededLayers(engine, images, { ...options, blobs });
    if (stored) return packed(stored, blobs);
    const exported = await writeImages(engine, blobs, {
      names: [...images.keys()],
      ids: new Set([...images.values()].map(({ id }) => id)),
      isLeftOut,
      onBytes,
      signal,
    });
    const normalized = normalizeImages(exported, isLeftOut);
    return packed({ ...normalized, images: withIds(normalized, images) }, blobs);
  } catch (error) {
    await blobs[Symbol.asyncDispose]();
    throw error;
  }
}

interface ReadImages extends Pick<PackedImages, "images" | "small"> {
  readonly ociIndex?: string | undefined;
}

function packed({ images, small, ociIndex }: ReadImages, blobs: BlobFile): PackedImages {
  const layers = new Set(images.flatMap((image) => image.layers.map(({ digest }) => digest)));
  return {
    images,
    isLayer: (digest) => layers.has(digest),
    layer: blobs.find,
    small,
    ociIndex,
    [Symbol.asyncDispose]: () => blobs[Symbol.asyncDispose](),
  };
}
