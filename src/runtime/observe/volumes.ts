import type { Engine } from "../../docker/client/engine.ts";
import { listContainers, type ContainerSummary } from "../../docker/containers/list.ts";
import { listVolumes, volumeSizes, type VolumeSummary } from "../../docker/volumes.ts";
import { compareStrings } from "../../lib/compare-strings.ts";
import { hostNameOf } from "../../model/host-names.ts";
import { belongsTo, labels } from "../../model/labels.ts";
import type { ObservedVolume, VolumeUser } from "../../model/observed-volume.ts";
import { volumeNameOf, type ProjectIdentity } from "../../model/resource-names.ts";

/**
 * Lists the volumes of a project: those with its labels, and those without labels whose name begins like its own. The
 * unnamed ones of existing containers are left out; they are removed with their containers.
 */
export async function observeVolumes(
  engine: Engine,
  project: ProjectIdentity,
): Promise<ObservedVolume[]> {
  const [volumes, containers] = await Promise.all([
    listVolumes(engine),
    listContainers(engine, []),
  ]);
  const prefix = volumeNameOf(project, "");
  return volumes
    .filter((volume) => isOfProject(volume, project))
    .map(({ name, createdAt }) => ({
      name,
      shortName: name.startsWith(prefix) ? name.slice(prefix.length) : name,
      users: usersOf(name, containers, project),
      createdAt,
    }))
    .filter(({ name, users }) => !/^[0-9a-f]{64}$/.test(name) || users.length === 0)
    .toSorted((a, b) => compareStrings(a.name, b.name));
}

/** Names of volumes that belong to another project by their label: whatever they are called, they are not ours. */
export async function observeForeignVolumes(engine: Engine, origin: string): Promise<Set<string>> {
  const volumes = await listVolumes(engine);
  const foreign = volumes.filter(
    ({ labels: values }) => (values[labels.folder] ?? origin) !== origin,
  );
  return new Set(foreign.map(({ name }) => name));
}

/** Names of the volumes whose data is where another driver, or options of the Engine's own one, say. */
export async function observeDriverVolumes(engine: Engine): Promise<string[]> {
  return (await listVolumes(engine))
    .filter(({ isElsewhere }) => isElsewhere)
    .map(({ name }) => name);
}

/** Bytes of each volume, by its name. The Engine reads all files of all volumes for it. */
export function observeVolumeSizes(engine: Engine): Promise<ReadonlyMap<string, number>> {
  return volumeSizes(engine);
}

/** Labels decide, where there are any: a name can be anybody's. */
function isOfProject({ name, labels: values }: VolumeSummary, project: ProjectIdentity): boolean {
  if (values[labels.folder] === undefined) return name.startsWith(volumeNameOf(project, ""));
  return belongsTo(values, project);
}

function usersOf(
  volume: string,
  containers: readonly ContainerSummary[],
  project: ProjectIdentity,
): VolumeUser[] {
  return containers
    .filter(({ mounts }) => mounts.some((mount) => mount.volume === volume))
    .map((container) => ({ id: container.id, name: userName(container, project) }))
    .toSorted((a, b) => compareStrings(a.name, b.name));
}

function userName({ name, labels: values }: ContainerSummary, project: ProjectIdentity): string {
  const [service, instance] = [values[labels.service], values[labels.instance]];
  const isInstance = service !== undefined && instance !== undefined && belongsTo(values, project);
  return isInstance ? hostNameOf(service, instance) : name;
}
