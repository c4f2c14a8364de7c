import { listContainers } from "../../docker/containers/list.ts";
import { belongsTo } from "../../model/labels.ts";
import { runningStates } from "../../model/observed.ts";
import type { Project } from "../../model/project.ts";
import type { Engine } from "../connect.ts";
import { observeVolumeWriters } from "../observe/observe.ts";
import { warning, type Finding } from "./finding.ts";
import { withTimeout } from "./timeout.ts";

/** Finds volumes that both the project and another one write to at the moment. */
export async function checkSharedVolumes(engine: Engine, project: Project): Promise<Finding[]> {
  const containers = await withTimeout(engine, listContainers(engine, []));
  const own = containers.filter(
    ({ state, labels }) => runningStates.has(state) && belongsTo(labels, project),
  );
  const written = new Set(
    own.flatMap(({ mounts }) => mounts.flatMap(({ volume, readOnly }) => (readOnly ? [] : volume))),
  );
  const writers = await observeVolumeWriters(engine, containers, project);
  return writers
    .filter(({ volume }) => written.has(volume))
    .map(({ volume, containerName, project: name, folder }) =>
      warning(
        "volumes",
        `${volume} is also written to by the container ${containerName} of the project ${name} in ${folder}`,
        {
          remedy: "stop one of them; if that is on purpose, declare the volume with external: true",
        },
      ),
    );
}
