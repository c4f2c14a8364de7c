import { readUsage, type ContainerUsage } from "../../docker/containers/stats.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { Engine } from "../connect.ts";

/** What an instance used in the time between two readings. */
export interface InstanceUsage extends ContainerUsage {
  readonly instance: ObservedInstance;
  /** Processors: 1 is one whole core. */
  readonly cpus: number;
}

export type Readings = ReadonlyMap<string, ContainerUsage>;

/** Container id -> its reading, for those that run. */
export async function readUsages(
  engine: Engine,
  instances: readonly ObservedInstance[],
): Promise<Readings> {
  const readings = await Promise.all(
    instances.map(async ({ id }) => [id, await readUsage(engine, id)] as const),
  );
  return new Map(readings.flatMap(([id, usage]) => (usage ? [[id, usage] as const] : [])));
}

/** What instances used between two readings; one that was restarted in between counts from its start. */
export function compareReadings(
  instances: readonly ObservedInstance[],
  before: Readings,
  after: Readings,
): InstanceUsage[] {
  return instances.flatMap((instance) => {
    const [last, first] = [after.get(instance.id), before.get(instance.id)];
    if (!last) return [];
    return [{ ...last, instance, cpus: first ? cpusBetween(first, last) : 0 }];
  });
}

function cpusBetween(first: ContainerUsage, last: ContainerUsage): number {
  const seconds = (last.readAt - first.readAt) / 1000;
  const used = last.cpuSeconds - first.cpuSeconds;
  return seconds <= 0 ? 0 : Math.max(0, used < 0 ? last.cpuSeconds : used) / seconds;
}
