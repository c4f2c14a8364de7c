import type { Engine } from "../../docker/client/engine.ts";
import { listImages } from "../../docker/images/images.ts";
import { projectOrigin } from "../../model/copy-origin.ts";
import { labels } from "../../model/labels.ts";

/**
 * An image with a shell's tools, to work on folders of the host as root: one of this project's, otherwise a bundled one.
 *
 * @returns its id; empty when the Engine has none of them
 */
export async function findHelperImage(engine: Engine, origin: string): Promise<string> {
  const images = await listImages(engine);
  const image =
    images.find(({ labels: values }) => values[labels.folder] === projectOrigin(origin)) ??
    images.find(({ labels: values }) => values[labels.base] === "true");
  return image?.id ?? "";
}
