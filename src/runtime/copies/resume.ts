import { unpauseContainer } from "../../docker/containers/containers.ts";
import { listContainers } from "../../docker/containers/list.ts";
import type { Engine } from "../connect.ts";
import { removeHelpers } from "./helpers.ts";

/**
 * Lets containers go on that were paused for a copy, and ends what copies for it.
 *
 * @param origin of the copy
 * @returns the names of those that were paused
 */
export async function resumeContainers(
  engine: Engine,
  ids: readonly string[],
  origin: string,
): Promise<string[]> {
  const paused = (await listContainers(engine, [])).filter(
    ({ id, state }) => state === "paused" && ids.includes(id),
  );
  await removeHelpers(engine, origin);
  await Promise.all(paused.map(({ id }) => unpauseContainer(engine, id)));
  return paused.map(({ name }) => name);
}
