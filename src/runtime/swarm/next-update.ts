import type { Engine } from "../../docker/client/engine.ts";
import { listTasks } from "../../docker/services/services.ts";
import type { Service } from "../../docker/services/types.ts";

/**
 * A number for the next update of a service that no task of it has had: it makes all tasks anew, and tells those of this
 * update from those of one that failed.
 */
export async function nextUpdate(engine: Engine, { id, spec }: Service): Promise<number> {
  const tasks = await listTasks(engine, id);
  const used = tasks.map(({ forceUpdate }) => forceUpdate);
  return Math.max(spec.TaskTemplate.ForceUpdate, ...used) + 1;
}
