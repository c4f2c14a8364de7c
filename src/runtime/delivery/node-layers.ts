import { listStoredImages } from "../../docker/images/image-archive.ts";
import { imageStoreOf, type ImageStore } from "../../docker/images/image-store.ts";
import { layerChains } from "../../model/saved-project.ts";
import type { Engine } from "../connect.ts";

/** What the Engine of a node has of images that are sent to it. */
export interface NodeLayers {
  readonly store: ImageStore;
  /** It cannot pull from here. */
  refusesPulls: boolean;
  /** Digests of those of the layers that it lacks; the digests are those of their tars, the lowest layer first. */
  readonly missing: (diffIds: readonly string[]) => string[];
  /** Notes that it has an image with these layers by now. */
  readonly add: (diffIds: readonly string[]) => void;
}

/**
 * Looks which layers an Engine has. Docker's own store knows a layer by all layers up to it. From other stores it cannot
 * be told, and they take an image only as a whole.
 *
 * @throws ReynsError NO_ENGINE
 */
export async function readNodeLayers(engine: Engine): Promise<NodeLayers> {
  const store = await imageStoreOf(engine);
  const stored = store === "classic" ? await listStoredImages(engine) : [];
  const chains = layerChains(stored.map(({ diffIds }) => diffIds));
  return {
    store,
    refusesPulls: false,
    missing: (diffIds) =>
      diffIds.filter((_, index) => !chains.has(diffIds.slice(0, index + 1).join(" "))),
    add: (diffIds) => {
      if (store === "classic") for (const chain of layerChains([diffIds])) chains.add(chain);
    },
  };
}
