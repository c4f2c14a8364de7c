import { errorStatus } from "../../docker/client/errors.ts";
import { listProcessTable, type ProcessTable } from "../../docker/containers/top.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { Engine } from "../connect.ts";

/** An instance with its processes. */
export interface InstanceProcesses {
  readonly instance: ObservedInstance;
  readonly table: ProcessTable;
}

/** Lists the processes of instances; leaves out those that are no longer running. */
export async function observeProcesses(
  engine: Engine,
  instances: readonly ObservedInstance[],
): Promise<InstanceProcesses[]> {
  const all = await Promise.all(
    instances.map(async (instance) => {
      const table = await listProcessTable(engine, instance.id).catch((error: unknown) => {
        if ([404, 409].includes(errorStatus(error) ?? 0)) return undefined;
        throw error;
      });
      return table && { instance, table };
    }),
  );
  return all.filter((one) => one !== undefined);
}
