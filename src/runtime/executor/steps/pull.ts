import type { Engine } from "../../../docker/client/engine.ts";
import { listImages } from "../../../docker/images/images.ts";
import { pullImage } from "../../../docker/images/transfer-image.ts";
import { formatSize } from "../../../lib/format-size.ts";
import { hasCode, ReynsError } from "../../../errors.ts";
import type { PullImage } from "../../../model/steps.ts";
import type { RuntimeContext } from "../../context.ts";
import { diskFullHint } from "../../disk-full.ts";
import { nameHint, registryHint } from "../../registry-hints.ts";

/** Pulls an image; the note is what came. */
export async function pullStep(
  step: PullImage,
  { engine, emit, signal }: RuntimeContext,
): Promise<string> {
  try {
    const onNote = (note: string): void => emit({ kind: "progress", step, note });
    const { image, platform } = step;
    const { bytes, isUnchanged } = await pullImage(engine, image, signal, onNote, platform);
    if (isUnchanged) return "up to date";
    return bytes === 0 ? "pulled" : `pulled ${formatSize(bytes)}`;
  } catch (cause) {
    if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted", { cause });
    if (hasCode(cause, "NO_ENGINE")) throw cause;
    throw toPullError(step.image, cause, await imageNames(engine));
  }
}

/** Of the images on the Engine; none where it does not tell. */
export async function imageNames(engine: Engine): Promise<string[]> {
  const images = await listImages(engine).catch(() => []);
  return images.flatMap(({ names }) => names).filter((name) => !/@|<none>/.test(name));
}

function toPullError(image: string, cause: unknown, known: readonly string[]): ReynsError {
  const reason = cause instanceof Error ? cause.message : "";
  const hint = diskFullHint(reason);
  if (hint !== undefined)
    return new ReynsError("ENGINE_REFUSED", `no space left for the image ${image}`, {
      hint,
      cause,
    });
  return new ReynsError("ENGINE_REFUSED", `cannot pull the image ${image}`, {
    hint: registryHint(image, reason) ?? nameHint(image, known),
    output: reason === "" ? [] : [reason],
    cause,
  });
}
