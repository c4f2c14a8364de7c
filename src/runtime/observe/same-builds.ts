import { join } from "node:path";
import { projectOrigin } from "../../model/copy-origin.ts";
import { labels } from "../../model/labels.ts";
import type { ObservedImage } from "../../model/observed.ts";
import { privateFolder } from "../../model/resource-names.ts";
import type { Project } from "../../model/project.ts";
import { cacheFileIn, findCachedBuild } from "../build/cache.ts";

/** Adds to images that a project has built on bundled ones which earlier builds they do not differ from. */
export function withSameBuilds(
  images: ReadonlyMap<string, ObservedImage>,
  { folder, origin }: Pick<Project, "folder" | "origin">,
): ReadonlyMap<string, ObservedImage> {
  const cacheFile = cacheFileIn(join(folder, privateFolder));
  const isOwn = ({ labels: values }: ObservedImage): boolean =>
    values[labels.assets] !== undefined && values[labels.folder] === projectOrigin(origin);
  return new Map(
    [...images].map(([name, image]) => {
      const built = isOwn(image)
        ? findCachedBuild(cacheFile, name.replace(/:latest$/, ""))
        : undefined;
      const { sameAs } = built?.id === image.id ? built : {};
      return [name, sameAs ? { ...image, sameAs } : image];
    }),
  );
}
