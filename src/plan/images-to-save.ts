import { nothingObserved, type ObservedImage } from "../model/observed.ts";
import type { Project } from "../model/project.ts";
import { keeperImage } from "./dns-keeper.ts";
import { hasEntrypoint, imageOf, isDnsImage, tagged } from "./resolve/images.ts";
import { selectInstances } from "./select/select.ts";
import { plainSelection } from "./select/selection.ts";

/**
 * The images that the instances of a conf run, each once, by the names under which the Engine has them: also of those
 * that run only when they are named, but not of tests.
 *
 * @throws ReynsError UNKNOWN_GROUP, INVALID_PROJECT
 */
export function imagesOfConf(project: Project, group?: string): string[] {
  const selected = selectInstances(project, { ...plainSelection("all", group), deps: true });
  const definitions = selected.map(({ definition }) => definition);
  if (group === undefined)
    definitions.push(...project.conf.instances.filter(({ isTest }) => !isTest));
  return [...new Set(definitions.map((definition) => tagged(imageOf(project, definition))))];
}

/**
 * The image of the lease keeper, which ready images need beside a DNS.
 *
 * @param found what the Engine has under the names of the images
 * @returns undefined if there will be no keeper
 */
export function imageOfKeeper(
  project: Project,
  found: ReadonlyMap<string, ObservedImage>,
): string | undefined {
  const observed = { ...nothingObserved, images: found };
  const hasDns = project.conf.instances.some((definition) =>
    isDnsImage(project, imageOf(project, definition), observed),
  );
  const isReady = (image: string): boolean => !hasEntrypoint(project, image, observed);
  const hasOther = project.conf.instances.some(({ runtime }) => runtime?.entrypoint !== undefined);
  return hasDns && (hasOther || [...found.keys()].some(isReady)) ? tagged(keeperImage) : undefined;
}
