import { removeContainer } from "../../docker/containers/containers.ts";
import { listContainers } from "../../docker/containers/list.ts";
import { labels } from "../../model/labels.ts";
import type { Engine } from "../connect.ts";

/** The role of a container that copies data for a copy. */
export const cloneRole = "clone";

/** Removes the containers that copied data for a copy, and were left by a call that was killed. */
export async function removeHelpers(engine: Engine, origin: string): Promise<void> {
  const own = [`${labels.folder}=${origin}`, `${labels.role}=${cloneRole}`];
  const helpers = await listContainers(engine, own);
  await Promise.all(helpers.map(({ id }) => removeContainer(engine, id)));
}
