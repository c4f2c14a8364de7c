import { basename, dirname } from "node:path";
import { keptFolders } from "./describe/mounts.ts";
import { volumeNameOf } from "../model/resource-names.ts";
import type { ObservedInstance, ObservedMount } from "../model/observed.ts";
import type { RemoveData, RemoveVolume, Step } from "../model/steps.ts";

/** What an instance keeps beyond its container. */
export interface InstanceData {
  readonly instance: ObservedInstance;
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
  const prefix = volumeNameOf({ name: instance.project, folder: instance.folder }, "");
  const volumes = mounts.flatMap(({ volume }) => (volume?.startsWith(prefix) ? volume : []));
  const folders = mounts
    .filter((mount) => isOwnFolder(mount, instance))
    .map(({ source }) => source)
    .toSorted();
  return { instance, folders, volumes };
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

/** Removes data when all that used it is gone. */
export function planRemoveData(kept: readonly InstanceData[], removals: readonly Step[]): Step[] {
  const after = removals.map(({ id }) => id);
  const ofInstances = kept.flatMap(({ instance, folders }): RemoveData[] =>
    folders.length === 0
      ? []
      : [
          {
            kind: "remove-data",
            id: `data of ${instance.id}`,
            after,
            title: `data of ${instance.host}`,
            reason: "data=true",
            project: { name: instance.project, folder: instance.folder },
            folders,
            image: instance.imageId,
          },
        ],
  );
  const volumes = new Set(kept.flatMap((one) => one.volumes));
  return [
    ...ofInstances,
    ...[...volumes].map((volume): RemoveVolume => ({
      kind: "remove-volume",
      id: `volume ${volume}`,
      after,
      title: `volume ${volume}`,
      reason: "data=true",
      volume,
    })),
  ];
}
