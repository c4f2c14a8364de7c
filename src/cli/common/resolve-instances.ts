import { requireArgument } from "../args/common.ts";
import { machineName } from "../../runtime/host/engine-host.ts";
import type { KeeperContext } from "../../plan/dns-keeper.ts";
import { findInstances } from "../../plan/select/choose.ts";
import type { Step } from "../../model/steps.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import { listInstances, noteOtherProjects, type ListedInstances } from "./context.ts";

export interface InstancesArgs {
  readonly service: string | undefined;
  readonly instance: string | undefined;
  readonly group: string | undefined;
  readonly example: string;
  /** What the command does works on containers only, and not on services of Docker Swarm. */
  readonly onContainers?: true;
  /** The command changes instances. */
  readonly changes?: true;
}

export interface ResolvedInstances extends Omit<ListedInstances, "keeper"> {
  readonly chosen: readonly ObservedInstance[];
  /** What the keeper of prebuilt images' leases depends on. */
  readonly keeperContext: KeeperContext;
}

/**
 * Resolves the instances that a command is about: a service means all of its instances.
 *
 * @throws ReynsError MISSING_ARGUMENT, UNKNOWN_INSTANCE
 */
export async function resolveInstances(args: InstancesArgs): Promise<ResolvedInstances> {
  const { instance, group, example } = args;
  const service = requireArgument(args.service ?? (group && "all"), "service", example);
  const query = { service, instance, group };
  const { keeper, ...listed } = await listInstances({ changes: args.changes });
  const { engine, instances } = listed;
  if (instances.length === 0) noteOtherProjects(listed);
  const found = findInstances(instances, { ...query, origin: listed.place.origin });
  const hasServices = found.some(({ swarm }) => swarm !== undefined);
  return {
    ...listed,
    keeperContext: {
      folder: listed.place.folder,
      keeper,
      all: instances,
      hostHostname: await machineName(engine),
    },
    chosen:
      hasServices && args.onContainers
        ? (await import("./only-containers.ts")).onlyContainers(found)
        : found,
  };
}

/**
 * Plans for each Engine separately what is to be done with its instances, and makes one plan of it.
 *
 * @param plan the steps for one Engine
 */
export async function planParts(
  resolved: ResolvedInstances,
  plan: (part: ResolvedInstances) => readonly Step[] | Promise<readonly Step[]>,
): Promise<readonly Step[]> {
  if (!resolved.engine.fleet) return plan(resolved);
  const { planOnNodes } = await import("./node-parts.ts");
  return planOnNodes(resolved, plan);
}
