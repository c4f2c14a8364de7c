import { pushImage } from "../../../docker/images/transfer-image.ts";
import { hasCode, ReynsError } from "../../../errors.ts";
import { formatSize } from "../../../lib/format-size.ts";
import type { PushImage } from "../../../model/steps.ts";
import type { RuntimeContext } from "../../context.ts";
import { pushHint } from "../../registry-hints.ts";

/** Pushes an image to its registry; the note is what went there. */
export async function pushStep(
  step: PushImage,
  { engine, emit, signal }: RuntimeContext,
): Promise<string> {
  try {
    const onNote = (note: string): void => emit({ kind: "progress", step, note });
    const { bytes } = await pushImage(engine, step.image, signal, onNote);
    return bytes === 0 ? "up to date" : `pushed ${formatSize(bytes)}`;
  } catch (cause) {
    if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted", { cause });
    if (hasCode(cause, "NO_ENGINE")) throw cause;
    const reason = cause instanceof Error ? cause.message : "";
    throw new ReynsError("ENGINE_REFUSED", `cannot push the image ${step.image}`, {
      hint: pushHint(step.image, reason),
      output: reason === "" ? [] : [reason],
      cause,
    });
  }
}
