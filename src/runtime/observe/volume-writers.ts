import type { Engine } from "../../docker/client/engine.ts";
import type { ContainerSummary } from "../../docker/containers/list.ts";
import { listVolumes } from "../../docker/volumes.ts";
import { toValidName } from "../../model/host-names.ts";
import { belongsTo, labels } from "../../model/labels.ts";
import { runningStates } from "../../model/observed.ts";
import type { VolumeWriter } from "../../model/observed-volume.ts";
import { folderOfOrigin } from "../../model/resource-names.ts";
import type { Project } from "../../model/project.ts";
import { composeLabels } from "./compose.ts";

interface WritersContext {
  readonly containers: readonly ContainerSummary[];
  readonly project: Pick<Project, "name" | "folder" | "origin">;
}

/**
 * Finds the running containers of other projects that write to the named volumes. Another project may well use a volume of
 * this one: the Engine is asked whose a volume is only where there is such a container.
 */
export async function findVolumeWriters(
  engine: Engine,
  names: ReadonlySet<string>,
  { containers, project }: WritersContext,
): Promise<VolumeWriter[]> {
  const writers = containers.flatMap((container) => writersIn(container, names, project));
  if (writers.every((writer) => writer.project === project.name)) return writers;
  const { name, origin } = project;
  const owned = await listVolumes(engine, [
    `${labels.project}=${name}`,
    `${labels.folder}=${origin}`,
  ]);
  const own = new Set(owned.map((volume) => volume.name));
  return writers.filter((writer) => writer.project === name || !own.has(writer.volume));
}

function writersIn(
  { name: containerName, state, mounts, labels: values }: ContainerSummary,
  names: ReadonlySet<string>,
  project: WritersContext["project"],
): VolumeWriter[] {
  if (!runningStates.has(state) || belongsTo(values, project)) return [];
  const compose = values[composeLabels.folder];
  const origin = values[labels.folder];
  const [name, folder] = origin
    ? [values[labels.project] ?? "", folderOfOrigin(origin)]
    : [toValidName(values[composeLabels.project] ?? ""), compose];
  // Compose's own containers of this folder are taken over, or refused as doubles.
  if (folder === undefined || compose === project.folder) return [];
  const written = mounts.flatMap(({ volume, readOnly }) => (readOnly ? [] : (volume ?? [])));
  return [...new Set(written)]
    .filter((volume) => names.has(volume))
    .map((volume) => ({ volume, containerName, project: name, folder }));
}
