import { dirname } from "node:path";
import { tagImage } from "../../../docker/images/images.ts";
import type { TagImage } from "../../../model/steps.ts";
import { cacheBuild, cacheFileIn, findCachedBuild } from "../../build/cache.ts";
import type { RuntimeContext } from "../../context.ts";

export async function tagStep(
  { image, tag }: TagImage,
  { engine, keysFolder }: RuntimeContext,
): Promise<string> {
  await tagImage(engine, image, tag);
  const cacheFile = cacheFileIn(dirname(keysFolder));
  // So that a change of its files is noticed under this name as well.
  const built = findCachedBuild(cacheFile, image);
  if (built) cacheBuild(cacheFile, tag, built);
  return `another name of ${image}`;
}
