import { pluralize } from "../../lib/pluralize.ts";
import { swarmPorts, type SwarmMember, type SwarmNode } from "../../model/swarm.ts";
import type { SeenMembers } from "./check.ts";

/** Something in a swarm that keeps no call from working today. */
export interface SwarmRemark {
  /** The machine that it is about; undefined where it is about the whole swarm. */
  readonly node?: string;
  readonly message: string;
  readonly remedy: string;
}

/** What is amiss in a swarm whose managers answer: machines out of their reach, and failures that it would not survive. */
export function swarmRemarks(seen: SeenMembers): SwarmRemark[] {
  return [...seen.nodes.flatMap(contactRemarks), ...taskRemarks(seen), ...managerRemarks(seen)];
}

/** Its Engine answers this call, but not the managers. */
function contactRemarks({ name: node, member }: SwarmNode): SwarmRemark[] {
  if (!member || member.isReady || member.isReachable === false) return [];
  const message = "the managers of its swarm do not reach it, and give its tasks to other machines";
  return [{ node, message, remedy: `let the machines reach each other at ${swarmPorts}` }];
}

/** Some machines may be drained on purpose. */
function taskRemarks({ members }: SeenMembers): SwarmRemark[] {
  const [first] = members;
  if (!first || members.some(({ availability }) => availability === "active")) return [];
  const message = "no machine takes tasks: each is drained or paused";
  const remedy = `on a manager: docker node update --availability active ${first.machine}`;
  return [{ message, remedy }];
}

/** Nothing in a swarm can be changed without more than half of its managers. */
function managerRemarks({ nodes, members }: SeenMembers): SwarmRemark[] {
  const managers = members.filter(({ role }) => role === "manager");
  const last = managers.at(-1);
  const lost = managers.filter(({ isReachable }) => isReachable === false);
  const spare = Math.ceil(managers.length / 2) - 1 - lost.length;
  const next = "if one more fails, nothing in the swarm can be changed";
  if (lost.length > 0)
    return lost.map((member) => ({
      message: `the managers do not reach ${nameOf(member, nodes)}, one of them${spare > 0 ? "" : `; ${next}`}`,
      remedy: `start it; or, if it is gone, on a manager: docker node demote ${member.machine}`,
    }));
  // Two machines have one, and no better choice.
  if (!last || spare > 0 || (managers.length === 1 && nodes.length < 3)) return [];
  const message = `the swarm has ${pluralize(managers.length, "manager")}: if one fails, nothing in the swarm can be changed`;
  const remedy =
    nodes.length < 3
      ? `on a manager: docker node demote ${last.machine}`
      : "make three managers: reyns nodes join";
  return [{ message, remedy }];
}

function nameOf({ id, machine }: SwarmMember, nodes: readonly SwarmNode[]): string {
  return nodes.find(({ member }) => member?.id === id)?.name ?? machine;
}
