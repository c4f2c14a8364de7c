import { copyNameOf } from "../../../model/copy-origin.ts";
import { summarizeList } from "../../../lib/summarize-list.ts";
import { matches } from "../../../plan/select/match.ts";
import { removeBuiltImages, type RemovedImages } from "../../../runtime/observe/project-images.ts";
import { log } from "../../../ui/output/log.ts";
import { connectAll, locateProject } from "../../common/context.ts";
import type { InstancesArgs, ResolvedInstances } from "../../common/resolve-instances.ts";

/**
 * Removes the images that the project has built: all, or those of the services that are cleaned.
 *
 * @param isPart whether instances of these services stay: their earlier versions need images, too
 * @returns the names of those that are gone
 */
export async function cleanImages(
  { origin, name }: ResolvedInstances["project"],
  { service = "all", instance, group }: InstancesArgs,
  isPart = false,
): Promise<readonly string[]> {
  if (copyNameOf(origin) !== undefined) {
    log.warn("images belong to the project and all of its copies: none is removed with a copy");
    return [];
  }
  const isWhole = service === "all" && group === undefined;
  if (isPart || group !== undefined || instance !== undefined) {
    log.warn("images belong to all instances of a service: none is removed with a part of them");
    return [];
  }
  const isWanted = (image: string): boolean => {
    const prefix = `${name}/`;
    return (
      image.startsWith(prefix) && matches(service, image.slice(prefix.length).replace(/:.*$/, ""))
    );
  };
  const all = await connectAll(await locateProject());
  const parts = all.fleet?.members ?? [{ name: "", engine: all }];
  const gone = await Promise.all(
    parts.map(async ({ name: node, engine }) => {
      const images = await removeBuiltImages(
        engine,
        { name, origin },
        isWhole ? undefined : isWanted,
      );
      report(images, node === "" ? "" : `${node}: `);
      return images.removed;
    }),
  );
  return gone.flat();
}

function report({ removed, kept }: RemovedImages, prefix: string): void {
  const plural = removed.length === 1 ? "" : "s";
  if (removed.length > 0)
    log.success(`${prefix}removed the image${plural} ${summarizeList(removed, 8)}`);
  if (kept.length > 0) log.warn(`${prefix}still in use, and left: ${summarizeList(kept, 8)}`);
}
