import type { ObservedInstance } from "../../../model/observed.ts";
import type { Step } from "../../../model/steps.ts";
import { planClean } from "../../../plan/lifecycle-plan.ts";
import { stepsOnNode } from "../../../plan/nodes/on-node.ts";
import { findProjectNetworks } from "../../../runtime/observe/networks.ts";
import { isSwarmManager } from "../../../runtime/swarm/read.ts";
import { partialNodes } from "../../common/one-engine.ts";
import type { ResolvedInstances } from "../../common/resolve-instances.ts";

/** Removes the network that spans all machines, once, when nothing of the project is left on any of them. */
export async function removeSpanningNetwork(
  { engine, instances, project }: ResolvedInstances,
  leaving: readonly ObservedInstance[],
  steps: readonly Step[],
): Promise<Step[]> {
  const { fleet } = engine;
  if (!fleet || partialNodes(engine) !== undefined || leaving.length < instances.length) return [];
  const [first] = leaving;
  const owner = { name: first?.project ?? project.name, origin: first?.origin ?? project.origin };
  for (const { name, engine: member } of fleet.members) {
    const networks = await findProjectNetworks(member, owner);
    const spanning = networks.filter(({ isSpanning }) => isSpanning);
    if (spanning.length === 0 || !(await isSwarmManager(member))) continue;
    const after = steps.map(({ id }) => id);
    const removals = stepsOnNode(name, planClean([], [], spanning));
    return removals.map((step) => ({ ...step, after: [...step.after, ...after] }));
  }
  return [];
}
