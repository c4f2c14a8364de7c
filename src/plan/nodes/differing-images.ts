import type { ObservedImage } from "../../model/observed.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import { serviceOfImage, tagged } from "../resolve/images.ts";
import type { NodeImages } from "./images.ts";

interface ImagesOnNode extends NodeImages {
  readonly node: string;
}

/** An image of one name that is not the same on two nodes whose instances run it. */
export interface DifferingImage {
  readonly image: string;
  readonly nodes: readonly [string, string];
}

/**
 * Ready images that differ between the nodes that run them: each Engine has pulled what the tag meant at that time. Those
 * that are built are sent to where they are needed, so they do not differ.
 */
export function differingImages(
  parts: readonly ImagesOnNode[],
  project: Project,
): DifferingImage[] {
  const ready = project.conf.instances.flatMap((definition) => readyImage(definition, project));
  return [...new Set(ready)].flatMap((image) => {
    const found = parts.flatMap(({ node, images }) => {
      const own = images.get(tagged(image));
      return own && runsOn(node, image, project) ? [{ node, own }] : [];
    });
    const [first] = found;
    const other = first && found.find(({ own }) => !isSame(own, first.own));
    return first && other ? [{ image, nodes: [first.node, other.node] as const }] : [];
  });
}

/** What to do about it. */
export function differenceText({ image, nodes: [one, other] }: DifferingImage): string {
  return `${image} is not the same image on ${one} and ${other}; to run the newest on both: reyns pull all, then reyns run all`;
}

function readyImage({ image }: InstanceDefinition, project: Project): string[] {
  return image === undefined || serviceOfImage(project, image) ? [] : [image];
}

function runsOn(node: string, image: string, { conf }: Project): boolean {
  return conf.instances.some((one) => one.group === node && one.image === image);
}

/** Machines of several architectures get different images under one digest. */
function isSame(own: ObservedImage, other: ObservedImage): boolean {
  const digests = own.digests ?? [];
  return own.id === other.id || digests.some((digest) => other.digests?.includes(digest));
}
