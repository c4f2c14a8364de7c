import { findStoredImage, loadImages } from "../../docker/images/image-archive.ts";
import { splitTag } from "../../docker/images/image-name.ts";
import { ReynsError } from "../../errors.ts";
import { formatSize } from "../../lib/format-size.ts";
import type { SendImage } from "../../model/build-image.ts";
import type { SavedImage } from "../../model/saved-project.ts";
import type { Engine } from "../connect.ts";
import { createImageTar, type ImageTar } from "./image-tar.ts";
import type { NodeImages } from "./node-images.ts";
import { ociImageOf } from "./oci-image.ts";
import type { PackedImages } from "./pack-images.ts";

interface SendRequest {
  readonly step: SendImage;
  readonly packed: PackedImages;
  readonly images: NodeImages;
  readonly engine: Engine;
  readonly onNote: (note: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Sends a node the layers of an image that it lacks, and checks that it has the same image then.
 *
 * @returns a note on what was sent
 */
export async function sendImage(request: SendRequest): Promise<string> {
  const { step, packed, images, engine, signal } = request;
  const name = splitTag(step.image).join(":");
  const image = packed.images.find(({ names }) => names.includes(name));
  if (!image) throw new ReynsError("ENGINE_REFUSED", `${step.from} has no image ${name} any more`);
  const diffIds = image.layers.map(({ diffId }) => diffId);
  const missing = new Set(images.missing(diffIds));
  const layers = new Set(
    image.layers.filter(({ diffId }) => missing.has(diffId)).map(({ digest }) => digest),
  );
  const oci = images.store === "containerd" ? ociImageOf(packed, image, name) : undefined;
  const tar = createImageTar(packed, image, { name, layers, oci });
  const sent = await load(tar, request);
  const id = oci?.manifest.digest ?? image.config;
  await requireSame(engine, { name, id, store: images.store }, signal);
  images.add(diffIds);
  return `sent ${formatSize(sent)}, ${countLayers(layers.size, image)}, from ${step.from}`;
}

function countLayers(count: number, { layers }: SavedImage): string {
  const all = new Set(layers.map(({ digest }) => digest)).size;
  return `${count} of ${all} layers`;
}

/** @returns the bytes that were sent */
async function load(tar: ImageTar, { engine, onNote, signal }: SendRequest): Promise<number> {
  let [sent, shown] = [0, 0];
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const bytes of tar.read(signal)) {
      sent += bytes.length;
      if (sent - shown >= noticeBytes) {
        shown = sent;
        const total = formatSize(Math.max(sent, tar.size));
        onNote(`${formatSize(sent)} of ${total}, ${tar.layers} layers`);
      }
      yield bytes;
    }
  };
  await loadImages(engine, counted(), signal);
  return sent;
}

/** A note for each so many bytes. */
const noticeBytes = 500_000;

interface ExpectedImage extends Pick<NodeImages, "store"> {
  readonly name: string;
  readonly id: string;
}

/** @throws ReynsError ENGINE_REFUSED when the image is another one than that which was sent */
async function requireSame(
  engine: Engine,
  { name, id, store }: ExpectedImage,
  signal: AbortSignal,
): Promise<void> {
  const found = await findStoredImage(engine, name);
  signal.throwIfAborted();
  if (found && (store === "podman" || found.id === id)) return;
  const other = found ? `has the id ${found.id} there, instead of ${id}` : "is not there";
  throw new ReynsError("ENGINE_REFUSED", `after it was sent, the image ${other}`);
}
