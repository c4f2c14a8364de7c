import { findImageContents } from "../../docker/images/image-contents.ts";
import type { StoredImage } from "../../docker/images/image-archive.ts";
import { splitTag } from "../../docker/images/image-name.ts";
import { ReynsError } from "../../errors.ts";
import { sourceOf, type SendImage, type TestedImage } from "../../model/build-image.ts";
import type { Engine } from "../connect.ts";

/** An image that got the name of a tested one after the receipt was compared. */
export function replacedError(
  step: SendImage,
  images: ReadonlyMap<string, Pick<StoredImage, "id">>,
): ReynsError[] {
  const { image, tested } = step;
  const found = images.get(splitTag(image).join(":"));
  if (!tested || found?.id === tested.id) return [];
  const now = found ? `stands for ${found.id} now` : "is gone";
  const message = `${image} ${now} on ${sourceOf(step)}; the receipt was compared with ${tested.id}`;
  return [new ReynsError("RECEIPT_MISMATCH", message, { hint: "nothing was sent; run it again" })];
}

/** @throws ReynsError RECEIPT_MISMATCH when a node has another image than the tested one after the send */
export async function requireTested(
  engine: Engine,
  { image, tested }: SendImage,
  signal: AbortSignal,
): Promise<void> {
  if (!tested) return;
  const found = await findImageContents(engine, image);
  signal.throwIfAborted();
  if (found && isTested(found, tested)) return;
  const other = found ? `is ${found.id} there, whose content was not tested` : "is not there";
  throw new ReynsError("RECEIPT_MISMATCH", `after it was sent, the image ${other}`, {
    hint: "run it again",
  });
}

function isTested(found: TestedImage, tested: TestedImage): boolean {
  return found.id === tested.id || found.content === tested.content;
}
