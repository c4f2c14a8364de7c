import { basename, dirname } from "node:path";
import { keptFolders } from "./describe/mounts.ts";
import { volumeNameOf, type ProjectIdentity } from "../model/resource-names.ts";
import type { ObservedInstance, ObservedMount } from "../model/observed.ts";
import type { RemoveData, RemoveVolume } from "../model/data-steps.ts";
import type { Step } from "../model/steps.ts";

/** What an instance keeps beyond its container. */
export interface InstanceData {
  readonly host: string;
  readonly project: ProjectIdentity;
  /** Its image, or any other: used to remove what only root may remove. */
  readonly imageId: string;
  /** Its own persistent folders on the host; never one that its definition mounts from elsewhere. */
  readonly folders: readonly string[];
  /** Volumes of the project. */
  readonly volumes: readonly string[];
}

/** Told from what its container has mounted, so that no definition is needed. */
export function instanceData(
  instance: ObservedInstance,
  mounts: readonly ObservedMount[],
): InstanceData {
  const project = { name: instance.project, origin: instance.origin };
  const prefix = volumeNameOf(project, "");
  const volumes = mounts.flatMap(({ volume }) => (volume?.startsWith(prefix) ? volume : []));
  const folders = mounts
    .filter((mount) => isOwnFolder(mount, instance))
    .map(({ source }) => source)
    .toSorted();
  return { host: instance.host, project, imageId: instance.imageId, folders, volumes };
}

/** `DATA_DIR/HOST/data` on `/data`, and so on. */
function isOwnFolder(
  { source, target, volume }: ObservedMount,
  { host }: ObservedInstance,
): boolean {
  return (
    volume === null &&
    basename(dirname(source)) === host &&
    keptFolders.some(({ name, path }) => path === target && name === basename(source))
  );
}

/**
 * Removes data when all that used it is gone.
 *
 * @param others volumes that no instance uses any more
 */
export function planRemoveData(
  kept: readonly InstanceData[],
  removals: readonly Step[],
  others: readonly string[] = [],
): Step[] {
  const after = removals.map(({ id }) => id);
  const ofInstances = kept.flatMap(({ host, project, folders, imageId }): RemoveData[] =>
    folders.length === 0
      ? []
      : [
          {
            kind: "remove-data",
            id: `data of ${host} in ${dirname(folders[0] ?? "")}`,
            after,
            title: `data of ${host}`,
            reason: "data=true",
            project,
            folders,
            image: imageId,
          },
        ],
  );
  const volumes = [...kept.flatMap((data) => data.volumes), ...others];
  return [...ofInstances, ...planRemoveVolumes(volumes, { after, reason: "data=true" })];
}

export function planRemoveVolumes(
  volumes: readonly string[],
  { after, reason }: Pick<RemoveVolume, "after" | "reason">,
): RemoveVolume[] {
  return [...new Set(volumes)].map((volume) => ({
    kind: "remove-volume",
    id: `volume ${volume}`,
    after,
    title: `volume ${volume}`,
    reason,
    volume,
  }));
}
