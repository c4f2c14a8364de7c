import { listContainers, type ContainerSummary } from "../../docker/containers/list.ts";
import { copyNameOf, projectOrigin } from "../../model/copy-origin.ts";
import { labels } from "../../model/labels.ts";
import { runningStates } from "../../model/observed.ts";
import type { Engine } from "../connect.ts";

/** A project that has instances on the Engine. */
export interface ObservedProject {
  readonly name: string;
  readonly folder: string;
  /** Which copy of the project it is; null for the project itself. */
  readonly copy: string | null;
  readonly running: number;
  /** Those that have stopped. */
  readonly stopped: number;
  /** Of the oldest instance: seconds since 1970. */
  readonly since: number;
}

/** Lists the projects of the Engine by name, whoever's they are. */
export async function observeProjects(engine: Engine): Promise<ObservedProject[]> {
  // An image has these labels as well, and passes them on to other people's containers.
  const containers = await listContainers(engine, [labels.project, labels.instance]);
  const byProject = Map.groupBy(containers, ({ labels: values }) =>
    JSON.stringify([values[labels.project], values[labels.folder]]),
  );
  return [...byProject.values()]
    .map(summarize)
    .toSorted(
      (a, b) =>
        a.name.localeCompare(b.name) ||
        a.folder.localeCompare(b.folder) ||
        (a.copy ?? "").localeCompare(b.copy ?? ""),
    );
}

function summarize(containers: readonly ContainerSummary[]): ObservedProject {
  const values = containers[0]?.labels ?? {};
  const origin = values[labels.folder] ?? "";
  const running = containers.filter(({ state }) => runningStates.has(state)).length;
  return {
    name: values[labels.project] ?? "",
    folder: projectOrigin(origin),
    copy: copyNameOf(origin) ?? null,
    running,
    stopped: containers.length - running,
    since: Math.min(...containers.map(({ createdAt }) => createdAt)),
  };
}
