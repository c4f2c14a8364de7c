import { findStoredImage, loadImages } from "../../docker/images/image-archive.ts";
import { splitTag } from "../../docker/images/image-name.ts";
import { ReynsError } from "../../errors.ts";
import { formatSize } from "../../lib/format-size.ts";
import { sourceOf, type SendImage } from "../../model/build-image.ts";
import type { SavedImage } from "../../model/saved-project.ts";
import type { Engine } from "../connect.ts";
import { createImageTar, type ImageTar } from "./image-tar.ts";
import type { NodeLayers } from "./node-layers.ts";
import { ociImageOf, type OciImage } from "./oci-image.ts";
import type { PackedImages } from "./pack-images.ts";
import { requireTested } from "./require-tested.ts";
import { pullFromHere, UnreachedRegistry } from "./pull-image.ts";
import type { ImageRegistry } from "./registry.ts";

export interface SendRequest {
  readonly step: SendImage;
  readonly packed: PackedImages;
  /** What the node has. */
  readonly images: NodeLayers;
  /** Opened when it is first needed. */
  readonly registry: () => ImageRegistry;
  readonly engine: Engine;
  readonly onNote: (note: string) => void;
  /** Called when an image is sent whole to a node that could get a part. */
  readonly onWarning: (message: string) => void;
  readonly signal: AbortSignal;
}

/** An image as a node gets it. */
interface Sent {
  readonly bytes: number;
  /** Layers. */
  readonly count: number;
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
  if (!image)
    throw new ReynsError("ENGINE_REFUSED", `${sourceOf(step)} has no image ${name} any more`);
  const oci = images.store === "containerd" ? ociImageOf(packed, image, name) : undefined;
  const sent = oci
    ? await pullOrLoad(request, { name, image, oci })
    : await load(request, { name, image, oci });
  const id = oci?.manifest.digest ?? image.config;
  await requireSame(engine, { name, id, store: images.store }, signal);
  await requireTested(engine, step, signal);
  images.add(image.layers.map(({ diffId }) => diffId));
  const all = new Set(image.layers.map(({ digest }) => digest)).size;
  return `sent ${formatSize(sent.bytes)}, ${sent.count} of ${all} layers, from ${sourceOf(step)}`;
}

interface NamedImage {
  readonly name: string;
  readonly image: SavedImage;
  readonly oci: OciImage | undefined;
}

/** containerd's store takes a part of an image from a registry only, which its machine reaches through ssh. */
async function pullOrLoad(
  request: SendRequest,
  named: NamedImage & { readonly oci: OciImage },
): Promise<Sent> {
  const { step, engine, images, registry, onNote, onWarning, signal } = request;
  if (!engine.offer || images.refusesPulls) return load(request, named);
  try {
    const { node = "" } = step;
    const pull = { engine, node, registry: registry(), onNote, signal };
    const { bytes, layers } = await pullFromHere({ ...pull, ...named });
    return { bytes, count: layers.size };
  } catch (error) {
    if (!(error instanceof UnreachedRegistry)) throw error;
    images.refusesPulls = true;
    onWarning(`${step.node}: images are sent whole: ${error.message}`);
    return load(request, named);
  }
}

async function load(request: SendRequest, { name, image, oci }: NamedImage): Promise<Sent> {
  const { packed, images } = request;
  const missing = new Set(images.missing(image.layers.map(({ diffId }) => diffId)));
  const layers = new Set(
    image.layers.filter(({ diffId }) => missing.has(diffId)).map(({ digest }) => digest),
  );
  const tar = await createImageTar(packed, image, { name, layers, oci });
  return { bytes: await loadTar(tar, request), count: layers.size };
}

/** @returns the bytes that were sent */
async function loadTar(tar: ImageTar, { engine, onNote, signal }: SendRequest): Promise<number> {
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

interface ExpectedImage extends Pick<NodeLayers, "store"> {
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
