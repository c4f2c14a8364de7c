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
  { chosen, instances, keeperContext, ...resolved }: ResolvedInstances,
  { name, engine }: FleetMember,
): Promise<ResolvedInstances> {
  const { place, project } = resolved;
  const [{ keeper }, hostHostname] = await Promise.all([
    observeContainers(engine, place, async () => project.name),
    machineName(engine),
  ]);
  const own = instances.filter(({ node }) => node === name);
  return {
    ...resolved,
    engine,
    instances: own,
    chosen: chosen.filter(({ node }) => node === name),
    keeperContext: { ...keeperContext, keeper, all: own, hostHostname },
  };
}
