import { labels } from "../../model/labels.ts";
import { isBundledImage, type ObservedImage } from "../../model/observed.ts";
import type { Project } from "../../model/project.ts";
import type { SendImage } from "../../model/build-image.ts";
import type { Step } from "../../model/steps.ts";
import { nodesOf } from "../../model/nodes.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { swarmStarts } from "../checks/swarm-members.ts";
import { imageOf, serviceOfImage, tagged } from "../resolve/images.ts";
import { hasBuilder, noBuilderError } from "./builder.ts";
import { idOnNode, stepsOnNode } from "./on-node.ts";

/** The images that an Engine has, by their names. */
export interface NodeImages {
  readonly images: ReadonlyMap<string, ObservedImage>;
}

/** What is to be done on one node, as if it were the only one. */
export interface NodePart extends NodeImages {
  readonly node: string;
  readonly steps: readonly Step[];
}

/**
 * The images that a node has once the others' are sent to it: those that the first node has are the project's, whatever
 * has their names.
 */
export function imagesAfterSending(
  project: Project,
  own: ReadonlyMap<string, ObservedImage>,
  first: ReadonlyMap<string, ObservedImage>,
): ReadonlyMap<string, ObservedImage> {
  const made = [...first].filter(([name]) => serviceOfImage(project, name) !== undefined);
  return new Map([...own, ...made]);
}

/**
 * Everything that is built, once: on the first node.
 *
 * @throws ReynsError INVALID_VALUE when that is not among these
 */
export function makingSteps(parts: readonly NodePart[], project: Project): Step[] {
  const making = parts.flatMap(({ steps }) =>
    steps.filter(
      ({ kind }) => kind === "root-image" || kind === "build-image" || kind === "tag-image",
    ),
  );
  const unique = new Map(making.map((step) => [step.id, step]));
  if (unique.size > 0 && !hasBuilder(parts, project)) {
    const images = [...unique.values()].map(({ title }) => title);
    throw noBuilderError(nodesOf(project.conf)[0]?.name ?? "", `build ${summarizeList(images, 4)}`);
  }
  return stepsOnNode(parts[0]?.node ?? "", [...unique.values()]);
}

/** Sends what the others start, and have not or have in another version; nothing without the first node, whose images count. */
export function sendSteps(
  parts: readonly NodePart[],
  making: readonly Step[],
  project: Project,
): SendImage[] {
  if (!hasBuilder(parts, project)) return [];
  // A task may run on any of them.
  const services = parts.flatMap(({ steps }) => swarmStarts(steps));
  const wanting = parts.map((part) => ({
    ...part,
    wanted: usedImages([...part.steps, ...services], project),
  }));
  return sendsTo(wanting, { making });
}

interface WantingNode extends NodeImages {
  readonly node: string;
  /** Names of images. */
  readonly wanted: readonly string[];
}

interface SendOptions {
  /** What makes images on the first node before. */
  readonly making?: readonly Step[];
  readonly isSame?: typeof isSameImage;
}

/** Sends what the other nodes want from the first one, where they have not or have in another version. */
export function sendsTo(
  [first, ...others]: readonly WantingNode[],
  { making = [], isSame = isSameImage }: SendOptions = {},
): SendImage[] {
  if (!first) return [];
  const made = new Set(making.map(({ title }) => tagged(title)));
  return others.flatMap(({ node, wanted: names, images }) =>
    names.flatMap((image): SendImage[] => {
      const [own, wanted] = [images.get(tagged(image)), first.images.get(tagged(image))];
      const isNew = made.has(tagged(image));
      if (!isNew && (!wanted || isSame(own, wanted))) return [];
      return [
        {
          kind: "send-image",
          id: idOnNode(node, `send ${image}`),
          node,
          after: making.map(({ id }) => id),
          title: image,
          reason: own ? `differs from that of ${first.node}` : "not there yet",
          image,
          from: first.node,
        },
      ];
    }),
  );
}

/** The names of the images that the instances of a node run, of those that are given; a service's tasks run anywhere. */
export function imagesOnNode(node: string, names: readonly string[], project: Project): string[] {
  const own = project.conf.instances.filter(({ group, swarm }) => group === node || swarm);
  const used = new Set(own.map((definition) => tagged(imageOf(project, definition))));
  return names.filter((name) => used.has(tagged(name)));
}

/** Of those that are built: others are pulled by each Engine. */
function usedImages(steps: readonly Step[], project: Project): string[] {
  const used = steps.flatMap((step) =>
    step.kind === "start-instance" || step.kind === "keep-leases" ? step.spec.image : [],
  );
  return [...new Set(used)].filter((image) => serviceOfImage(project, image) !== undefined);
}

/** Bundled images are made from the same files, wherever that was. */
export function isSameImage(own: ObservedImage | undefined, wanted: ObservedImage): boolean {
  if (own?.id === wanted.id) return true;
  return (
    own !== undefined &&
    isBundledImage(wanted) &&
    own.labels[labels.assets] === wanted.labels[labels.assets]
  );
}
