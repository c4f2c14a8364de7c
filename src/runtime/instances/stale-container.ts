import type { Engine } from "../../docker/client/engine.ts";
import { removeContainer } from "../../docker/containers/containers.ts";
import { listContainers } from "../../docker/containers/list.ts";
import type { ContainerSpec } from "../../model/container-spec.ts";
import { originFilter, labels } from "../../model/labels.ts";

/** How long the Engine may take to list a container that it is creating. */
const listingTimeoutMs = 3000;

/**
 * Removes a container that took an instance's name after the plan was made: an Engine completes the requests of a call
 * that was killed. Running containers and those of other projects stay.
 *
 * @returns whether the name is free now
 */
export async function removeStaleContainer(
  engine: Engine,
  spec: Pick<ContainerSpec, "name" | "labels">,
): Promise<boolean> {
  const filter = originFilter(spec.labels[labels.folder] ?? "");
  const limit = AbortSignal.timeout(listingTimeoutMs);
  while (!limit.aborted) {
    const containers = await listContainers(engine, [filter]);
    const stale = containers.find(({ name }) => name === spec.name);
    if (stale?.state === "running") return false;
    if (stale) {
      await removeContainer(engine, stale.id);
      return true;
    }
    await Bun.sleep(50);
  }
  return false;
}
