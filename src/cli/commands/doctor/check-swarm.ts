import { pluralize } from "../../../lib/pluralize.ts";
import type { ReynsError } from "../../../errors.ts";
import type { Project } from "../../../model/project.ts";
import { ownNetwork } from "../../../model/resource-names.ts";
import { managerTrouble } from "../../../plan/checks/swarm-members.ts";
import {
  addressErrors,
  isMember,
  membershipErrors,
  type SeenSwarm,
  spanningErrors,
} from "../../../plan/swarm/check.ts";
import { swarmRemarks, type SwarmRemark } from "../../../plan/swarm/remarks.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { bad, ok, warning, type Finding } from "../../../runtime/doctor/finding.ts";
import { withTimeout } from "../../../runtime/doctor/timeout.ts";
import { withNodeTimeout } from "../../../runtime/nodes/node-error.ts";
import { readSwarmOf, swarmMembership, type ReadSwarm } from "../../../runtime/swarm/read.ts";
import type { CheckedNode, CheckedNodes } from "./check-nodes.ts";

const check = "swarm";

/** Whether the only Engine of a project with services of Docker Swarm takes them. */
export async function checkOwnSwarm(
  engine: Engine,
  project: Pick<Project, "conf">,
): Promise<Finding[]> {
  if (!hasServices(project)) return [];
  const trouble = managerTrouble(await withTimeout(engine, swarmMembership(engine)));
  if (!trouble) return [ok(check, "this Engine is a manager of its swarm")];
  const message = `this Engine ${trouble.reason}, and the definition has services of Docker Swarm`;
  return [bad(check, message, { remedy: trouble.hint })];
}

/** The swarm of a project's machines, where its network or its services need one. */
export async function checkSwarm(
  { reached, unreachable }: Pick<CheckedNodes, "reached" | "unreachable">,
  project: Pick<Project, "conf">,
): Promise<Finding[]> {
  const isSpanning = project.conf.networks?.[ownNetwork]?.isSpanning ?? false;
  if (!isSpanning && !hasServices(project)) return [];
  const swarm = { ...(await withNodeTimeout(readSwarmOf(reached))), unreachable };
  const errors = isSpanning ? networkErrors(reached, swarm) : membershipErrors(swarm);
  if (errors.length > 0)
    return errors.map(({ message, hint }) => bad(check, message, { remedy: hint }));
  if (swarm.manager === undefined) {
    const message = "no machine is a manager of a swarm, which the services of Docker Swarm need";
    return [bad(check, message, { remedy: "make a swarm of all machines: reyns nodes join" })];
  }
  const remarks = [...outsideRemarks(swarm), ...swarmRemarks(swarm)];
  if (remarks.length === 0) return [ok(check, describeSwarm(swarm))];
  return remarks.map(({ message, remedy, ...about }) => ({
    ...warning(check, message, { remedy }),
    ...about,
  }));
}

function hasServices({ conf }: Pick<Project, "conf">): boolean {
  return conf.instances.some(({ swarm }) => swarm !== undefined);
}

/** Without an address, a machine is in no network of all of them. */
function networkErrors(reached: readonly CheckedNode[], swarm: SeenSwarm): ReynsError[] {
  const nodes = reached.map(({ node }) => node);
  const errors = addressErrors(nodes, true);
  return errors.length > 0 ? errors : spanningErrors(swarm);
}

/** Services run without these machines. */
function outsideRemarks({ nodes }: ReadSwarm): SwarmRemark[] {
  const message = "it is in no swarm, so that no service of Docker Swarm runs there";
  return nodes
    .filter((node) => !isMember(node))
    .map(({ name: node }) => ({ node, message, remedy: "reyns nodes join" }));
}

/** "3 machines, 3 of them managers; drained: node2" */
function describeSwarm({ nodes, members }: ReadSwarm): string {
  const managers = members.filter(({ role }) => role === "manager").length;
  const drained = nodes.filter(({ member }) => member && member.availability !== "active");
  const names = drained.map(({ name }) => name).join(", ");
  const all = `${pluralize(members.length, "machine")}, ${managers} of them ${managers === 1 ? "a manager" : "managers"}`;
  return names === "" ? all : `${all}; without tasks, because drained or paused: ${names}`;
}
