import { pluralize } from "../../../lib/pluralize.ts";
import type { ReynsError } from "../../../errors.ts";
import { nodesOf } from "../../../model/nodes.ts";
import type { Project } from "../../../model/project.ts";
import { spansNodes } from "../../../model/spanning.ts";
import { managerTrouble } from "../../../plan/checks/swarm-members.ts";
import {
  addressErrors,
  availabilityErrors,
  isMember,
  oneSwarmErrors,
  spanningErrors,
  type SeenMembers,
} from "../../../plan/swarm/check.ts";
import { swarmRemarks, type SwarmRemark } from "../../../plan/swarm/remarks.ts";
import { unplacedServices } from "../../../plan/swarm/unplaced.ts";
import { isInOwn } from "../../../plan/nodes/overlay.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { bad, ok, warning, type Finding } from "../../../runtime/doctor/finding.ts";
import { withTimeout } from "../../../runtime/doctor/timeout.ts";
import { nodeError, withNodeTimeout } from "../../../runtime/nodes/node-error.ts";
import {
  listMembers,
  listSwarm,
  readMemberships,
  swarmMembership,
  workingManager,
  type ReadSwarm,
} from "../../../runtime/swarm/read.ts";
import { openNode } from "../../common/context.ts";
import type { CheckedNodes } from "./check-nodes.ts";

const check = "swarm";

/** Whether the only Engine of a project with services of Docker Swarm takes them. */
export async function checkOwnSwarm(
  engine: Engine,
  project: Pick<Project, "conf">,
): Promise<Finding[]> {
  if (!hasServices(project)) return [];
  if ((await engine.features()).isPodman) {
    const remedy = "use Docker for them, or leave out swarm";
    return [bad(check, "Podman runs no services of Docker Swarm", { remedy })];
  }
  const trouble = managerTrouble(await withTimeout(engine, swarmMembership(engine)));
  if (!trouble) {
    const members = await withTimeout(engine, listMembers(engine));
    const unplaced = unplacedFindings(project, { nodes: [], members });
    return unplaced.length > 0 ? unplaced : [ok(check, "this Engine is a manager of its swarm")];
  }
  const message = `this Engine ${trouble.reason}, and the definition has services of Docker Swarm`;
  return [bad(check, message, { remedy: trouble.hint })];
}

/**
 * The swarm of a project's machines, where its network or its services need one. Also asks the machines that the call is not
 * about: the swarm is that of all.
 */
export async function checkSwarm(
  { reached, unreachable }: Pick<CheckedNodes, "reached" | "unreachable">,
  project: Pick<Project, "conf">,
): Promise<Finding[]> {
  const isSpanning = spansNodes(project.conf);
  const [first] = reached;
  if (!first || (!isSpanning && !hasServices(project))) return [];
  const machines = nodesOf(project.conf);
  const others = machines.filter(({ name }) => !isAsked(name, { reached, unreachable }));
  const rest = await readMemberships(others, openNode);
  const all = [...reached, ...rest.reached];
  const manager = workingManager(all) ?? first;
  const read = await withNodeTimeout(listSwarm(all)).catch((error: unknown) => {
    throw nodeError(error, manager.node);
  });
  const swarm = {
    ...read,
    unreachable: [...unreachable.map(({ error }) => error), ...rest.unreachable],
  };
  const errors = isSpanning
    ? [...addressErrors(machines, true), ...spanningErrors(swarm)]
    : oneSwarmErrors(swarm);
  if (errors.length > 0) return errors.map(toFinding);
  if (swarm.manager === undefined) return [withoutManager(swarm)];
  const remarks = [...outsideRemarks(swarm), ...swarmRemarks(swarm, machines)];
  const closed = [
    ...(isSpanning ? closedMachines(swarm, project) : []),
    ...unplacedFindings(project, swarm),
  ];
  if (remarks.length + closed.length === 0) return [ok(check, describeSwarm(swarm))];
  const warnings = remarks.map(({ message, remedy, ...about }) => ({
    ...warning(check, message, { remedy }),
    ...about,
  }));
  return [...closed, ...warnings];
}

function isAsked(
  name: string,
  { reached, unreachable }: Pick<CheckedNodes, "reached" | "unreachable">,
): boolean {
  return [...reached, ...unreachable].some(({ node }) => node.name === name);
}

function hasServices({ conf }: Pick<Project, "conf">): boolean {
  return conf.instances.some(({ swarm }) => swarm !== undefined);
}

/** Machines whose containers cannot join the network. */
function closedMachines(swarm: ReadSwarm, { conf }: Pick<Project, "conf">): Finding[] {
  const joining = conf.instances.filter(isInOwn);
  const nodes = new Set(joining.flatMap(({ group }) => group ?? []));
  return availabilityErrors(swarm, nodes).map(toFinding);
}

/** Services that can run nowhere. Some machines may be drained on purpose. */
function unplacedFindings({ conf }: Pick<Project, "conf">, seen: SeenMembers): Finding[] {
  return unplacedServices(conf, seen).map(({ message, remedy }) => bad(check, message, { remedy }));
}

function toFinding({ message, hint }: ReynsError): Finding {
  return bad(check, message, { remedy: hint });
}

function withoutManager({ unreachable }: ReadSwarm): Finding {
  const message =
    "no machine that answers is a manager of a swarm, which the services of Docker Swarm need";
  const remedy =
    unreachable.length > 0
      ? "start the machines that do not answer"
      : "make a swarm of all machines: reyns nodes join";
  return bad(check, message, { remedy });
}

/** Services run without these machines. */
function outsideRemarks({ nodes }: ReadSwarm): SwarmRemark[] {
  const message = "it is in no swarm, so that no service of Docker Swarm runs there";
  return nodes
    .filter((node) => !isMember(node))
    .map(({ name: node }) => ({ node, message, remedy: "reyns nodes join" }));
}

/** "3 machines, 3 managers; drained or paused, so without new tasks: node2" */
function describeSwarm({ nodes, members }: ReadSwarm): string {
  const managers = members.filter(({ role }) => role === "manager").length;
  const drained = nodes.filter(({ member }) => member && member.availability !== "active");
  const names = drained.map(({ name }) => name).join(", ");
  const all = `${pluralize(members.length, "machine")}, ${pluralize(managers, "manager")}`;
  return names === "" ? all : `${all}; drained or paused, so without new tasks: ${names}`;
}
