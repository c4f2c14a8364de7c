import { throwAll } from "../../../errors.ts";
import { nodesOf, type ProjectNode } from "../../../model/nodes.ts";
import type { Observed } from "../../../model/observed.ts";
import { networkNameOf, ownNetwork } from "../../../model/resource-names.ts";
import { shareNetwork, withShared } from "../../../plan/nodes/overlay.ts";
import type { Spanning } from "../../../plan/nodes/overlay-steps.ts";
import { valuesOnNode } from "../../../plan/nodes/values.ts";
import { spanningErrors } from "../../../plan/swarm/check.ts";
import { readHostValues } from "../../../project/host-conf.ts";
import { readSwarmOf } from "../../../runtime/swarm/read.ts";
import type { NodeRun } from "./node-run.ts";
import type { CreatedPlanner } from "./resolve-plan.ts";

/** How runs on several nodes share the network that spans them. */
export interface SpannedRun {
  readonly spanning: Spanning;
  /** What a node plans with; `index` is that of its run. */
  readonly planWith: (
    node: ProjectNode,
    index: number,
  ) => { readonly observed?: Observed; readonly machineVariables: Record<string, string> };
}

/**
 * Looks at the swarm and the network of all nodes together.
 *
 * @returns undefined where the nodes have a network each
 * @throws ReynsErrors before anything starts when they cannot have one in common
 */
export async function spanNodes(
  runs: readonly NodeRun[],
  planners: readonly CreatedPlanner[],
): Promise<SpannedRun | undefined> {
  const [first] = runs;
  const { project } = first?.options ?? {};
  if (!first || !project?.conf.networks?.[ownNetwork]?.isSpanning) return undefined;
  const swarm = await readSwarmOf(runs);
  throwAll(spanningErrors(swarm));
  const observed = planners.map((planner) => planner.observed);
  const seen = runs.flatMap(({ node }, index) => {
    const own = observed[index];
    return own ? [{ node, observed: own }] : [];
  });
  const sources = { caller: process.env, hostConf: readHostValues(project) };
  const shared = shareNetwork(project, seen, sources);
  const nodes = nodesOf(project.conf);
  return {
    spanning: {
      network: networkNameOf(project),
      manager: swarm.manager ?? first.node.name,
      timeout: first.options.timeout,
    },
    planWith: (node, index) => {
      const own = observed[index];
      return {
        ...(own && { observed: withShared(own, shared) }),
        machineVariables: valuesOnNode(project, node, nodes, shared.settled ?? new Map()),
      };
    },
  };
}
