import { inside, invalidProject, throwAll } from "../../../errors.ts";
import { definedHostOf } from "../../../model/host-names.ts";
import { addressOf, type ProjectNode } from "../../../model/nodes.ts";
import type { InstanceDefinition } from "../../../model/project.ts";
import { assignServices, leaveServices, settleServices } from "../../../plan/nodes/services.ts";
import { serviceGroupErrors } from "../../../plan/nodes/selections.ts";
import { matches } from "../../../plan/select/match.ts";
import type { Selection } from "../../../plan/select/selection.ts";
import type { FleetMember } from "../../../runtime/connect.ts";
import { readSwarmOf, type ReadSwarm } from "../../../runtime/swarm/read.ts";
import type { NodeRun } from "./node-run.ts";
import type { RunOptions } from "./options.ts";
import type { CreatedPlanner } from "./create-planner.ts";

interface CallNodes {
  readonly members: readonly FleetMember[];
  /** All nodes of the conf. */
  readonly nodes: readonly ProjectNode[];
}

/**
 * Has the services of Docker Swarm planned on one node, a manager. A call about some nodes only, of which none is one, leaves
 * them out.
 *
 * @throws ReynsErrors INVALID_PROJECT, each at its place, where no machine can take them
 */
export async function withServicesOnNodes(
  options: RunOptions,
  { members, nodes }: CallNodes,
): Promise<RunOptions> {
  const { project, selections } = options;
  const services = project.conf.instances.filter(({ swarm }) => swarm !== undefined);
  if (services.length === 0) return options;
  const reached = members.flatMap(({ name, engine }) => {
    const node = nodes.find((one) => one.name === name);
    return node ? [{ node, engine }] : [];
  });
  const swarm = await readSwarmOf(reached);
  const { manager } = swarm;
  throwAll(serviceGroupErrors(selections, project, manager));
  const meant = services.filter((service) => selections.some((one) => isMeant(service, one)));
  const isWhole = members.length === nodes.length;
  if (manager === undefined) return withoutServices(options, meant, isWhole);
  const settled = settleServices(project, { manager, ids: idsOf(nodes, swarm) });
  throwAll(settled.errors);
  return { ...options, project: settled.project };
}

function isMeant(
  { service, autorun }: InstanceDefinition,
  { service: name, group }: Selection,
): boolean {
  if (name === "all") return autorun && group === undefined;
  return matches(name, service);
}

function withoutServices(
  options: RunOptions,
  meant: readonly InstanceDefinition[],
  isWhole: boolean,
): RunOptions {
  const { project, selections } = options;
  const isNamed = selections.every(({ service }) => service !== "all");
  const what = "no machine of this call is a manager of a swarm";
  if (meant.length > 0 && (isWhole || isNamed)) {
    const hint = isWhole
      ? "make a swarm of all machines: reyns nodes join; or leave out swarm"
      : "name a manager, too, with node=; or leave node= out";
    throwAll(
      meant.map((definition) => {
        const message = `${definedHostOf(definition)} is a Swarm service, and ${what}`;
        const at = inside(definition.at, "swarm");
        return invalidProject(message, hint, at);
      }),
    );
  }
  const hosts = meant.map(definedHostOf).join(", ");
  const warning = `${hosts}: left as it is: ${what}`;
  const warnings = [...(project.conf.warnings ?? []), ...(meant.length > 0 ? [warning] : [])];
  return {
    ...options,
    project: leaveServices({ ...project, conf: { ...project.conf, warnings } }),
  };
}

/** Of a machine that does not answer, by the address by which the others know it. */
function idsOf(
  nodes: readonly ProjectNode[],
  { nodes: seen, members }: ReadSwarm,
): ReadonlyMap<string, string> {
  return new Map(
    nodes.flatMap((node) => {
      const own = seen.find(({ name }) => name === node.name)?.member;
      const found = own ?? members.find(({ address }) => address === addressOf(node));
      return found ? [[node.name, found.id] as const] : [];
    }),
  );
}

/** The plans of all nodes, with each service as one node's: all of them list the same ones. */
export function withAssignedServices(
  runs: readonly NodeRun[],
  planners: readonly CreatedPlanner[],
): readonly CreatedPlanner[] {
  const [first] = runs;
  if (!first) return planners;
  const parts = runs.flatMap(({ node }, index) => {
    const observed = planners[index]?.observed;
    return observed ? [{ node: node.name, observed }] : [];
  });
  const assigned = assignServices(parts, first.options.project);
  return planners.map((planner, index) => ({
    ...planner,
    observed: assigned[index] ?? planner.observed,
  }));
}
