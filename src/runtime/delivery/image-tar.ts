import { gzipSync } from "node:zlib";
import { tarBlock, tarFileHeader, tarPadding } from "../../lib/tar-header.ts";
import type { SavedImage } from "../../model/saved-project.ts";
import { dockerManifest, ociLayout } from "../saved/docker-layout.ts";
import { blobName } from "../saved/export-images.ts";
import type { KeptBlob } from "./blob-file.ts";
import { ociIndex, type OciImage } from "./oci-image.ts";
import type { PackedImages } from "./pack-images.ts";

/** An image for one Engine, as a compressed tar that `docker load` takes. */
export interface ImageTar {
  /** Layers in it. */
  readonly layers: number;
  /** Bytes of these layers, compressed. */
  readonly size: number;
  readonly read: (signal: AbortSignal) => AsyncGenerator<Uint8Array>;
}

interface TarOptions {
  readonly name: string;
  /** Digests of the layers that are in it. */
  readonly layers: ReadonlySet<string>;
  /** For stores that keep manifests. */
  readonly oci: OciImage | undefined;
}

/**
 * A gzip file may have any number of members: layers are compressed once for all nodes, and what is between them is
 * compressed for each.
 */
export async function createImageTar(
  packed: PackedImages,
  image: SavedImage,
  { name, layers, oci }: TarOptions,
): Promise<ImageTar> {
  const large = await Promise.all(
    [...layers].flatMap((digest) => {
      const blob = packed.layer(digest);
      return blob ? [compressedLayer(digest, blob)] : [];
    }),
  );
  const small = [...packed.small, ...(oci?.added ?? [])].filter(
    ([digest]) => !packed.isLayer(digest) || layers.has(digest),
  );
  const read = async function* (signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (const { digest, size, compressed } of large) {
      yield gzipSync(tarFileHeader(blobName(digest), size));
      yield* compressed.read(signal);
      if (tarPadding(size) > 0) yield gzipSync(Buffer.alloc(tarPadding(size)));
    }
    const files = small.map(([digest, content]) => fileEntry(blobName(digest), content));
    const layout = oci
      ? [textEntry("index.json", ociIndex(oci)), textEntry("oci-layout", ociLayout)]
      : [];
    const manifest = dockerManifest({ images: [{ ...image, names: [name] }] });
    // Without it, an Engine keeps nothing: it comes last.
    const end = [textEntry("manifest.json", manifest), Buffer.alloc(2 * tarBlock)];
    yield gzipSync(Buffer.concat([...files, ...layout, ...end]));
  };
  return {
    layers: layers.size,
    size: large.reduce((total, { compressed }) => total + compressed.size, 0),
    read,
  };
}

async function compressedLayer(digest: string, blob: KeptBlob) {
  return { digest, size: blob.size, compressed: await blob.compressed() };
}

function textEntry(name: string, text: string): Buffer {
  return fileEntry(name, Buffer.from(text));
}

function fileEntry(name: string, content: Buffer): Buffer {
  const padding = Buffer.alloc(tarPadding(content.length));
  return Buffer.concat([tarFileHeader(name, content.length), content, padding]);
}
