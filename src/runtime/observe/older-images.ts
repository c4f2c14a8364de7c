import { findImages } from "../../docker/images/images.ts";
import { projectOrigin } from "../../model/copy-origin.ts";
import { labels } from "../../model/labels.ts";
import { isOtherImage, isRunning, type ObservedInstance } from "../../model/observed.ts";
import type { Engine } from "../connect.ts";

/**
 * The running instances whose image's name means another image by now: a newer one was pulled or built. Asks the Engine
 * only about those whose image has lost its name. A newer version of Reyns alone makes no newer image.
 *
 * @param folder the project's
 */
export async function observeOlderImages(
  engine: Engine,
  folder: string,
  instances: readonly ObservedInstance[],
): Promise<ObservedInstance[]> {
  const candidates = instances.filter((one) => one.hasNamelessImage && isRunning(one));
  if (candidates.length === 0) return [];
  const byEngine = Map.groupBy(candidates, ({ id }) => engine.fleet?.engineOf(id) ?? engine);
  const older = await Promise.all(
    [...byEngine].map(([own, those]) => olderImagesOn(own, folder, those)),
  );
  return older.flat();
}

async function olderImagesOn(
  engine: Engine,
  folder: string,
  candidates: readonly ObservedInstance[],
): Promise<ObservedInstance[]> {
  const names = [...new Set(candidates.map(({ image }) => image))];
  const found = await findImages(engine, names);
  const { withSameBuilds } = await import("./same-builds.ts");
  const images = withSameBuilds(found, { folder, origin: candidates[0]?.origin ?? "" });
  return candidates.filter((instance) => {
    const { image, origin, project } = instance;
    const now = images.get(image);
    // Another folder's build may have taken the name of this one's over.
    const isOwn = image.startsWith(`${project}/`);
    const builtIn = (isOwn ? now?.labels[labels.folder] : undefined) ?? origin;
    return (
      now !== undefined &&
      projectOrigin(builtIn) === projectOrigin(origin) &&
      isOtherImage(now, instance)
    );
  });
}
