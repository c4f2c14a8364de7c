import type { SendImage, TestedImage } from "../../model/build-image.ts";
import type { ObservedImage } from "../../model/observed.ts";
import { tagged } from "../resolve/images.ts";
import { isSameImage, type NodePart } from "./images.ts";
import { idOnNode } from "./on-node.ts";

/** The images of a run by receipt. */
export interface TestedImages {
  /** Node -> the tested images that it has not, by their names. */
  readonly lacking: ReadonlyMap<string, ReadonlyMap<string, TestedImage>>;
  /** By their names, the images of the caller's Engine. */
  readonly source: ReadonlyMap<string, ObservedImage>;
}

/** Sends each node the tested images that it lacks, and those that Reyns itself needs there. */
export function testedSends(
  parts: readonly NodePart[],
  { lacking, source }: TestedImages,
): SendImage[] {
  return parts.flatMap(({ node, steps, images }) => {
    const own = lacking.get(node) ?? new Map<string, TestedImage>();
    const helpers = steps.flatMap((step) => {
      if (step.kind !== "keep-leases") return [];
      const name = tagged(step.spec.image);
      const image = source.get(name);
      return image && !isSameImage(images.get(name), image) ? [name] : [];
    });
    const reason = "the receipt's image is not there";
    return [...new Set([...own.keys(), ...helpers])].map((image) => ({
      ...sendFromHere(node, image, reason),
      tested: own.get(image),
    }));
  });
}

/** Sends a node an image of the caller's Engine. */
export function sendFromHere(node: string, image: string, reason: string): SendImage {
  return {
    kind: "send-image",
    id: idOnNode(node, `send ${image}`),
    node,
    after: [],
    title: image,
    reason,
    image,
    from: undefined,
  };
}
