import { imageStoreOf } from "../../docker/images/image-store.ts";
import type { FleetMember } from "../connect.ts";

/** Names of the nodes whose Engines keep images by their manifests, and by their configurations: an image has two ids. */
interface MixedStores {
  readonly containerd: readonly string[];
  readonly others: readonly string[];
}

/**
 * Asks Engines how they keep their images.
 *
 * @returns undefined where an image has the same id on all of them
 * @throws ReynsError NO_ENGINE
 */
export async function findMixedStores(
  engines: readonly FleetMember[],
): Promise<MixedStores | undefined> {
  const stores = await Promise.all(
    engines.map(async ({ name, engine }) => ({ name, store: await imageStoreOf(engine) })),
  );
  const namesOf = (isContainerd: boolean): readonly string[] =>
    stores.filter(({ store }) => (store === "containerd") === isContainerd).map(({ name }) => name);
  const [containerd, others] = [namesOf(true), namesOf(false)];
  return containerd.length > 0 && others.length > 0 ? { containerd, others } : undefined;
}
