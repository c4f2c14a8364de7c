import type { ContainerSummary } from "../../docker/containers/list.ts";
import type { ComposeContainer } from "../../model/observed.ts";

/** Labels by which Docker Compose knows its containers. */
export const composeLabels = {
  project: "com.docker.compose.project",
  service: "com.docker.compose.service",
  folder: "com.docker.compose.project.working_dir",
  oneOff: "com.docker.compose.oneoff",
} as const;

/** The containers of services that Docker Compose has started from a folder. */
export function findComposeContainers(
  containers: readonly ContainerSummary[],
  folder: string,
): ComposeContainer[] {
  return containers.flatMap(({ id, name, state, labels, mounts }) => {
    const service = labels[composeLabels.service];
    if (service === undefined || labels[composeLabels.folder] !== folder) return [];
    if (labels[composeLabels.oneOff] === "True") return [];
    return [{ id, name, service, state, project: labels[composeLabels.project] ?? "", mounts }];
  });
}
