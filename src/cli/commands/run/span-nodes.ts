import { ReynsError, throwAll } from "../../../errors.ts";
import { nodesOf, type ProjectNode } from "../../../model/nodes.ts";
import type { Observed } from "../../../model/observed.ts";
import type { Project } from "../../../model/project.ts";
import type { Step } from "../../../model/steps.ts";
import { networkNameOf, ownNetwork } from "../../../model/resource-names.ts";
import { shareNetwork, withShared } from "../../../plan/nodes/overlay.ts";
import type { Spanning } from "../../../plan/nodes/overlay-steps.ts";
import { valuesOnNode } from "../../../plan/nodes/values.ts";
import { addressErrors, availabilityErrors, spanningErrors } from "../../../plan/swarm/check.ts";
import { readHostValues } from "../../../project/host-conf.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { nodeError, withNodeTimeout } from "../../../runtime/nodes/node-error.ts";
import { observe } from "../../../runtime/observe/observe.ts";
import { readSwarmOf } from "../../../runtime/swarm/read.ts";
import { openNode } from "../../common/context.ts";
import type { NodeRun } from "./node-run.ts";
import type { CreatedPlanner } from "./create-planner.ts";

/** How runs on several nodes share the network that spans them. */
export interface SpannedRun {
  readonly spanning: Spanning;
  /** @throws ReynsErrors where nothing that a node starts can join the network */
  readonly checkStarts: (
    planned: readonly { readonly node: string; readonly steps: readonly Step[] }[],
  ) => void;
  /** What a node plans with; `index` is that of its run. */
  readonly planWith: (
    node: ProjectNode,
    index: number,
  ) => { readonly observed?: Observed; readonly machineVariables: Record<string, string> };
}

interface OtherNode {
  readonly node: ProjectNode;
  readonly engine: Engine;
  readonly observed: Observed;
}

/** The nodes that the call leaves alone: their instances are in the network as well. Those that are off are left out. */
async function observeOthers(
  runs: readonly NodeRun[],
  project: Project,
): Promise<{ readonly others: OtherNode[]; readonly unreachable: ReynsError[] }> {
  const others = nodesOf(project.conf).filter((node) =>
    runs.every((run) => run.node.name !== node.name),
  );
  const found = await Promise.all(
    others.map(async (node): Promise<OtherNode | ReynsError> => {
      try {
        const engine = await openNode(node);
        return { node, engine, observed: await withNodeTimeout(observe(engine, project, [])) };
      } catch (error) {
        return nodeError(error, node);
      }
    }),
  );
  return {
    others: found.filter((one): one is OtherNode => "engine" in one),
    unreachable: found.filter((one): one is ReynsError => !("engine" in one)),
  };
}

function joins(step: Step, network: string): boolean {
  if (step.kind !== "start-instance" || step.spec.swarm) return false;
  const attachments = [step.spec.network, ...(step.spec.joined ?? [])];
  return attachments.some((attachment) => attachment?.name === network);
}

function notCreated(manager: string): ReynsError {
  const message =
    "the network of all machines is not there yet, and only a manager of the swarm creates it";
  const hint = `run it on ${manager}, too: without node=, or with node=${manager} added to it`;
  return new ReynsError("INVALID_VALUE", message, { hint });
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
  const nodes = nodesOf(project.conf);
  // What was accepted when they joined is not asked again.
  throwAll(addressErrors(nodes, true));
  const { others, unreachable } = await observeOthers(runs, project);
  const swarm = await readSwarmOf([...runs, ...others]);
  throwAll(spanningErrors({ ...swarm, unreachable }));
  const observed = planners.map((planner) => planner.observed);
  const seen = [
    ...runs.flatMap(({ node }, index) => {
      const own = observed[index];
      return own ? [{ node, observed: own }] : [];
    }),
    ...others,
  ];
  const sources = { caller: process.env, hostConf: readHostValues(project) };
  const shared = shareNetwork(project, seen, sources);
  const { manager = first.node.name } = swarm;
  const network = networkNameOf(project);
  if (shared.networks?.length === 0 && others.some(({ node }) => node.name === manager))
    throw notCreated(manager);
  return {
    spanning: {
      network,
      manager,
      timeout: first.options.timeout,
    },
    checkStarts: (planned) => {
      const joining = planned.filter(({ steps }) => steps.some((step) => joins(step, network)));
      throwAll(availabilityErrors(swarm, new Set(joining.map(({ node }) => node))));
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
