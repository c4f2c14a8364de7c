import type { ContainerSpec } from "../../model/container-spec.ts";
import { removeContainer } from "../../docker/containers/containers.ts";
import { listContainers } from "../../docker/containers/list.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { folderFilter, labels } from "../../model/labels.ts";

/** Milliseconds within which the Engine has to list what it is making. */
const listingTimeoutMs = 3000;

/**
 * Removes what has an instance's name and was not there when the plan was made: an Engine goes on with what a killed
 * call has asked for. Nothing that runs, and nothing of another project.
 *
 * @returns whether the name is free now
 */
export async function removeStaleContainer(
  engine: Engine,
  spec: Pick<ContainerSpec, "name" | "labels">,
): Promise<boolean> {
  const filter = folderFilter(spec.labels[labels.folder] ?? "");
  for (const start = performance.now(); performance.now() - start < listingTimeoutMs;) {
    const left = (await listContainers(engine, [filter])).find(({ name }) => name === spec.name);
    if (left?.state === "running") return false;
    if (left) {
      await removeContainer(engine, left.id);
      return true;
    }
    await Bun.sleep(50);
  }
  return false;
}
