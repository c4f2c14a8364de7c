import { exportImages, loadImages } from "../../../docker/images/image-archive.ts";
import { formatSize } from "../../../lib/format-size.ts";
import { ReynsError } from "../../../errors.ts";
import type { SendImage } from "../../../model/build-image.ts";
import { diskFullHint } from "../../disk-full.ts";
import type { RuntimeContext } from "../../context.ts";

/** Sends an image from the Engine of one node to that of another, through this machine. */
export async function sendStep(
  step: SendImage,
  { engine, onNode, emit, signal }: RuntimeContext,
): Promise<string> {
  const { image, from } = step;
  const source = onNode?.(from).engine;
  if (!source) throw new Error(`an image from ${from}, which is not connected`);
  let [sent, shown] = [0, 0];
  const counted = async function* (tar: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const bytes of tar) {
      sent += bytes.length;
      if (sent - shown >= noticeBytes) {
        shown = sent;
        emit({ kind: "progress", step, note: formatSize(sent) });
      }
      yield bytes;
    }
  };
  try {
    await loadImages(engine, counted(exportImages(source, [image], signal)), signal);
    return `sent ${formatSize(sent)} from ${from}`;
  } catch (cause) {
    if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted", { cause });
    if (!(cause instanceof ReynsError) || cause.code === "NO_ENGINE") throw cause;
    const message = `cannot send the image ${image} from ${from} to ${step.node}: ${cause.message}`;
    throw new ReynsError("ENGINE_REFUSED", message, { hint: diskFullHint(cause.message), cause });
  }
}

/** A note for each so many bytes. */
const noticeBytes = 5_000_000;
