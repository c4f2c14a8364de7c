import type { Engine } from "../../docker/client/engine.ts";
import { inspectContainer, removeContainer } from "../../docker/containers/containers.ts";
import { imageDefaults } from "../../docker/images/images.ts";
import { removeVolume } from "../../docker/volumes.ts";
import { isUnnamedVolume } from "../../model/resource-names.ts";
import { removeCopySource } from "./persistence.ts";

/**
 * Removes a container that nothing takes the volumes over from. Those without a name that its image asks for stay, as they
 * may hold data; the others, in which secrets lie, go.
 */
export async function removeKeepingData(engine: Engine, id: string): Promise<void> {
  const details = await inspectContainer(engine, id);
  if (!details) return;
  const { volumes } = await imageDefaults(engine, details.imageId);
  const declared = new Set(volumes.map((path) => path.replace(/(.)\/+$/, "$1")));
  const unnamed = details.mounts.filter(({ volume }) => volume !== null && isUnnamedVolume(volume));
  const others = unnamed.filter(({ target }) => !declared.has(target));
  // The container that its labels identify goes last, so that a call that is killed here can be repeated.
  await removeCopySource(engine, id);
  await removeContainer(engine, id, { keepsVolumes: others.length < unnamed.length });
  for (const { volume } of others) if (volume !== null) await removeVolume(engine, volume);
}
