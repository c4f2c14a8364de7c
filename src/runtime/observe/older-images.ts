import { findImages } from "../../docker/images/images.ts";
import { projectOrigin } from "../../model/copy-origin.ts";
import { labels } from "../../model/labels.ts";
import {
  isOtherImage,
  isRunning,
  type ObservedImage,
  type ObservedInstance,
} from "../../model/observed.ts";
import { stateFolder } from "../../model/resource-names.ts";
import type { InstanceVersion } from "../../model/versions.ts";
import type { Engine } from "../connect.ts";

/** An instance whose image's name means another image by now. */
export interface OlderImage {
  readonly instance: ObservedInstance;
  /** The version that a rollback brought back, from the image that the name means. */
  readonly restored?: number | undefined;
  /** Its replacement by that image has failed, and it serves again. */
  readonly hasFailed: boolean;
}

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
): Promise<OlderImage[]> {
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
): Promise<OlderImage[]> {
  const names = [...new Set(candidates.map(({ image }) => image))];
  const found = await findImages(engine, names);
  const { withSameBuilds } = await import("./same-builds.ts");
  const images = withSameBuilds(found, { folder, origin: candidates[0]?.origin ?? "" });
  const { readVersions } = await import("../versions/store.ts");
  return candidates.flatMap((instance) => {
    const { image, origin, project, version } = instance;
    const now = images.get(image);
    // Another folder's build may have taken the name of this one's over.
    const isOwn = image.startsWith(`${project}/`);
    const builtIn = (isOwn ? now?.labels[labels.folder] : undefined) ?? origin;
    if (!now || projectOrigin(builtIn) !== projectOrigin(origin) || !isOtherImage(now, instance))
      return [];
    const versions = readVersions(stateFolder({ folder, origin }), instance);
    return [{ instance, ...explain(now, version, versions) }];
  });
}

/** Why an instance does not run the image, from its versions: an image that is newer than all of them explains nothing. */
function explain(
  now: ObservedImage,
  version: number | undefined,
  versions: readonly InstanceVersion[],
): Omit<OlderImage, "instance"> {
  const isNow = (imageId: string | undefined): boolean =>
    imageId !== undefined && !isOtherImage(now, { imageId });
  const serving = versions.find((other) => other.version === version);
  const isLeft = versions.some(({ imageId }) => isNow(imageId));
  return {
    restored: isLeft ? serving?.restores : undefined,
    hasFailed: isNow(serving?.failedImage),
  };
}
