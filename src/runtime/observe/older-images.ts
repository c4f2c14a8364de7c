import { findImages } from "../../docker/images/images.ts";
import { labels } from "../../model/labels.ts";
import { isRunning, type ObservedInstance } from "../../model/observed.ts";
import type { Engine } from "../connect.ts";

/**
 * The running instances whose image's name means another image by now: a newer one was pulled or built. Asks the Engine
 * only about those whose image has lost its name. What runs an image that this program carries is none of them.
 */
export async function observeOlderImages(
  engine: Engine,
  instances: readonly ObservedInstance[],
): Promise<ObservedInstance[]> {
  const candidates = instances.filter((one) => one.hasNamelessImage && isRunning(one));
  if (candidates.length === 0) return [];
  const images = await findImages(engine, [...new Set(candidates.map(({ image }) => image))]);
  return candidates.filter(({ image, imageId, origin, project }) => {
    const now = images.get(image);
    // Another folder's build may have taken the name of this one's over.
    const isOwn = image.startsWith(`${project}/`);
    const builtIn = (isOwn ? now?.labels[labels.folder] : undefined) ?? origin;
    const isCarried = now?.labels[labels.assets] !== undefined;
    return now !== undefined && now.id !== imageId && builtIn === origin && !isCarried;
  });
}
