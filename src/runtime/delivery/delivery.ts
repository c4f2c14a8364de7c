import { throwAll } from "../../errors.ts";
import { splitTag } from "../../docker/images/image-name.ts";
import type { SendImage } from "../../model/build-image.ts";
import { formatSize } from "../../lib/format-size.ts";
import type { Engine } from "../connect.ts";
import { findImagesToSave } from "../saved/save.ts";
import { replacedError } from "./require-tested.ts";
import { readNodeLayers, type NodeLayers } from "./node-layers.ts";
import { packImages, type PackedImages } from "./pack-images.ts";
import { openRegistry, type ImageRegistry } from "./registry.ts";
import { sendImage, type SendRequest } from "./send-image.ts";

/** Brings images from one node to others: reads them there once, and sends each node what it lacks. */
export interface Delivery extends AsyncDisposable {
  /** @returns a note on what was sent */
  readonly send: (step: SendImage, listener: SendListener) => Promise<string>;
}

type SendListener = Pick<SendRequest, "onNote" | "onWarning">;

/** The Engine of a node; without one, the caller's own. */
type EngineOf = (node: string | undefined) => Engine;

/**
 * @param sends all that are to be sent: what several nodes lack is read and compressed once
 */
export function createDelivery(
  sends: readonly SendImage[],
  engineOf: EngineOf,
  signal: AbortSignal,
): Delivery {
  const packing = createPacking(sends, engineOf, signal);
  /** Node -> the end of what is sent to it: two images may have a layer in common. */
  const queues = new Map<string, Promise<unknown>>();
  let registry: ImageRegistry | undefined;
  let left = sends.length;
  /** After the last one: what comes then needs neither the registry nor the layers, and may take long. */
  const close = async (): Promise<void> => {
    await registry?.[Symbol.asyncDispose]();
    await packing[Symbol.asyncDispose]();
  };
  const send: Delivery["send"] = async (step, listener) => {
    const node = step.node ?? "";
    const packed = await packing.start(listener.onNote);
    const images = await packing.imagesOf(node);
    return sendImage({
      ...{ step, packed, images, signal, ...listener },
      engine: engineOf(node),
      registry: () => (registry ??= openRegistry(packed, signal)),
    });
  };
  const sendAndClose: Delivery["send"] = async (step, listener) => {
    try {
      return await send(step, listener);
    } finally {
      left -= 1;
      if (left === 0) await close();
    }
  };
  return {
    send: (step, listener) => {
      const before = queues.get(step.node ?? "") ?? Promise.resolve();
      const sent = before.then(() => sendAndClose(step, listener));
      queues.set(
        step.node ?? "",
        sent.catch(() => {}),
      );
      return sent;
    },
    [Symbol.asyncDispose]: close,
  };
}

interface Packing extends AsyncDisposable {
  /** Reads the images when it is called first. */
  readonly start: (onNote: (note: string) => void) => Promise<PackedImages>;
  readonly imagesOf: (node: string) => Promise<NodeLayers>;
}

function createPacking(
  sends: readonly SendImage[],
  engineOf: EngineOf,
  signal: AbortSignal,
): Packing {
  const nodes = new Map<string, Promise<NodeLayers>>();
  const imagesOf = (node: string): Promise<NodeLayers> => {
    const images = nodes.get(node) ?? readNodeLayers(engineOf(node));
    nodes.set(node, images);
    return images;
  };
  const listeners = new Set<(note: string) => void>();
  const pack = async (): Promise<PackedImages> => {
    const source = engineOf(sends[0]?.from);
    const names = [...new Set(sends.map(({ image }) => splitTag(image).join(":")))];
    const images = await findImagesToSave(source, names);
    // Several nodes may lack the same image.
    const replaced = sends.flatMap((step) => replacedError(step, images));
    throwAll([...new Map(replaced.map((error) => [error.message, error])).values()]);
    // A node that does not answer now is the failure of its own step.
    const asked = await Promise.allSettled(
      sends.map(async ({ node = "", image }) => {
        const { store, missing } = await imagesOf(node);
        return { store, lacked: missing(images.get(splitTag(image).join(":"))?.diffIds ?? []) };
      }),
    );
    const answers = asked.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    const needed = new Set(answers.flatMap(({ lacked }) => lacked));
    const isForClassicOnly = answers.every(({ store }) => store === "classic");
    const onBytes = createNotices(listeners);
    return packImages(source, images, { needed, isForClassicOnly, onBytes, signal });
  };
  let packed: Promise<PackedImages> | undefined;
  return {
    imagesOf,
    start: async (onNote) => {
      listeners.add(onNote);
      try {
        return await (packed ??= pack());
      } finally {
        listeners.delete(onNote);
      }
    },
    [Symbol.asyncDispose]: async () => {
      const opened = await packed?.catch(() => undefined);
      await opened?.[Symbol.asyncDispose]();
    },
  };
}

/** A note for each so many bytes. */
const noticeBytes = 5_000_000;

function createNotices(listeners: ReadonlySet<(note: string) => void>): (bytes: number) => void {
  let shown = 0;
  return (bytes) => {
    if (bytes - shown < noticeBytes) return;
    shown = bytes;
    for (const onNote of listeners) onNote(`read ${formatSize(bytes)}`);
  };
}
