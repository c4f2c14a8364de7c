import { findImageContents, type ImageContents } from "../../docker/images/image-contents.ts";
import type { Engine } from "../../docker/client/engine.ts";

export type FoundImage = ImageContents;

/** @returns undefined when the Engine does not have the image */
export function findReceiptImage(engine: Engine, name: string): Promise<FoundImage | undefined> {
  return findImageContents(engine, name);
}
