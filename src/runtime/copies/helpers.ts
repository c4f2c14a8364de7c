import { removeContainer } from "../../docker/containers/containers.ts";
import { listContainers } from "../../docker/containers/list.ts";
import { labels } from "../../model/labels.ts";
import type { Engine } from "../connect.ts";

/** Removes the containers that copied data for a copy, and were left by a call that was killed. */
export async function removeHelpers(engine: Engine, origin: string): Promise<void> {
  const containers = await listContainers(engine, [`${labels.folder}=${origin}`]);
  const helpers = containers.filter(({ labels: values }) => values[labels.service] === undefined);
  await Promise.all(helpers.map(({ id }) => removeContainer(engine, id)));
}
