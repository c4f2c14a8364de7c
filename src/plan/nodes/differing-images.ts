import type { ObservedImage } from "../../model/observed.ts";
import type { Project } from "../../model/project.ts";
import { imageOf, serviceOfImage, tagged } from "../resolve/images.ts";
import { hasBuilder } from "./builder.ts";
import { isSameImage, type NodeImages } from "./images.ts";

interface ImagesOnNode extends NodeImages {
  readonly node: string;
}

/** An image of one name that is not the same on two nodes whose instances run it. */
export interface DifferingImage {
  readonly image: string;
  readonly isBuilt: boolean;
  readonly nodes: readonly [string, string];
}

/**
 * Images that differ between the nodes that run them. Of ready ones, each Engine has pulled what the tag meant at that time.
 * Those that are built are the first node's, which sends them: without it, nothing can be said of them.
 */
export function differingImages(
  parts: readonly ImagesOnNode[],
  project: Project,
): DifferingImage[] {
  const images = project.conf.instances.map((definition) => imageOf(project, definition));
  return [...new Set(images)].flatMap((image) => {
    const isBuilt = serviceOfImage(project, image) !== undefined;
    if (isBuilt && !hasBuilder(parts, project)) return [];
    const found = parts.flatMap(({ node, images: there }, index) => {
      const own = there.get(tagged(image));
      const counts = runsOn(node, image, project) || (isBuilt && index === 0);
      return own && counts ? [{ node, own }] : [];
    });
    const [first] = found;
    const other = first && found.find(({ own }) => !isSame(own, first.own));
    if (!first || !other) return [];
    return [{ image, isBuilt, nodes: [first.node, other.node] as const }];
  });
}

/** "postgres:17 is not the same image on node1 and node2" */
export function differenceText({ image, nodes: [one, other] }: DifferingImage): string {
  return `${image} is not the same image on ${one} and ${other}`;
}

/** The commands that end it. */
export function differenceRemedy({ isBuilt }: DifferingImage): string {
  return isBuilt ? "reyns build all, then: reyns run all" : "reyns pull all, then: reyns run all";
}

function runsOn(node: string, image: string, project: Project): boolean {
  return project.conf.instances.some(
    (one) => one.group === node && imageOf(project, one) === image,
  );
}

/** Machines of several architectures get different images under one digest. */
function isSame(own: ObservedImage, other: ObservedImage): boolean {
  const digests = own.digests ?? [];
  const isPulled = digests.some((digest) => other.digests?.includes(digest));
  return isPulled || isSameImage(own, other);
}
