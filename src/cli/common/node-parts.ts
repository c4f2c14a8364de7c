import type { ObservedInstance } from "../../model/observed.ts";
import type { Step } from "../../model/steps.ts";
import { stepsOnNode } from "../../plan/nodes/on-node.ts";
import type { FleetMember } from "../../runtime/connect.ts";
import { machineName } from "../../runtime/host/engine-host.ts";
import { observeContainers } from "../../runtime/observe/containers.ts";
import type { ResolvedInstances } from "./resolve-instances.ts";

type PlanPart = (part: ResolvedInstances) => readonly Step[] | Promise<readonly Step[]>;

/** Plans on each node for itself; the result is one plan. */
export async function planOnNodes(resolved: ResolvedInstances, plan: PlanPart): Promise<Step[]> {
  const parts = await Promise.all(
    (resolved.engine.fleet?.members ?? []).map(async (member) => {
      const steps = await plan(await partOf(resolved, member));
      return stepsOnNode(member.name, steps);
    }),
  );
  return parts.flat();
}

/** What a command is about on one node, with the keeper of leases there. */
async function partOf(
  { chosen, instances, keeperContext, engine: whole, ...resolved }: ResolvedInstances,
  { name, engine }: FleetMember,
): Promise<ResolvedInstances> {
  const { place, project } = resolved;
  const [{ keeper }, hostHostname] = await Promise.all([
    observeContainers(engine, place, async () => project.name),
    machineName(engine),
  ]);
  // Services of a swarm are on no node: the first one's part has them.
  const [first] = whole.fleet?.members ?? [];
  const isOwn = ({ node = first?.name }: ObservedInstance): boolean => node === name;
  const own = instances.filter(isOwn);
  return {
    ...resolved,
    engine,
    instances: own,
    chosen: chosen.filter(isOwn),
    keeperContext: { ...keeperContext, keeper, all: own, hostHostname },
  };
}
