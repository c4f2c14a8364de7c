import type { Engine } from "../../docker/client/engine.ts";
import { removeContainer, stopContainer } from "../../docker/containers/containers.ts";
import type { ContainerSpec } from "../../model/container-spec.ts";
import { isUnnamedVolume } from "../../model/resource-names.ts";
import { removeCopySource } from "./persistence.ts";

/**
 * Removes the container whose place a new one takes. It is stopped first, so that its processes can end cleanly: it may
 * be a job that runs. Its unnamed volumes stay where the new one has taken one over.
 */
export async function removeReplaced(
  engine: Engine,
  id: string,
  { mounts }: Pick<ContainerSpec, "mounts">,
): Promise<void> {
  await stopContainer(engine, id);
  // The container that its labels identify goes last, so that a call that is killed here can be repeated.
  await removeCopySource(engine, id);
  const keepsVolumes = mounts.some(
    ({ type, source }) => type === "volume" && isUnnamedVolume(source),
  );
  await removeContainer(engine, id, { keepsVolumes });
}
