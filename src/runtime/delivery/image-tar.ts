import { gzipSync } from "node:zlib";
import { tarBlock, tarFileHeader, tarPadding } from "../../lib/tar-header.ts";
import type { SavedImage } from "../../model/saved-project.ts";
import { dockerManifest, ociLayout } from "../saved/docker-layout.ts";
import { blobName } from "../saved/export-images.ts";
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
export function createImageTar(
  packed: PackedImages,
  image: SavedImage,
  { name, layers, oci }: TarOptions,
): ImageTar {
  const sizes = new Map(image.layers.map(({ digest, size }) => [digest, size]));
  const large = [...layers].flatMap((digest) => {
    const blob = packed.layer(digest);
    return blob ? [{ digest, blob, size: sizes.get(digest) ?? 0 }] : [];
  });
  const all = new Set(packed.images.flatMap((one) => one.layers.map(({ digest }) => digest)));
  const small = [...packed.small, ...(oci?.added ?? [])].filter(
    ([digest]) => !all.has(digest) || layers.has(digest),
  );
  const read = async function* (signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (const { digest, blob, size } of large) {
      yield gzipSync(tarFileHeader(blobName(digest), size));
      yield* blob.read(signal);
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
    size: large.reduce((total, { blob }) => total + blob.length, 0),
    read,
  };
}

function textEntry(name: string, text: string): Buffer {
  return fileEntry(name, Buffer.from(text));
}

function fileEntry(name: string, content: Buffer): Buffer {
  const padding = Buffer.alloc(tarPadding(content.length));
  return Buffer.concat([tarFileHeader(name, content.length), content, padding]);
}
