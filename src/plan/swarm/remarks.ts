import { pluralize } from "../../lib/pluralize.ts";
import { addressOf, type ProjectNode } from "../../model/nodes.ts";
import { swarmPorts, type SwarmMember, type SwarmNode } from "../../model/swarm.ts";
import type { SeenMembers } from "./check.ts";
import { dockerNameOf } from "./docker-name.ts";

/** Something in a swarm that fails later, or costs something, while calls work. */
export interface SwarmRemark {
  /** The machine that it is about; undefined where it is about the whole swarm. */
  readonly node?: string;
  readonly message: string;
  readonly remedy: string;
}

/**
 * What is amiss in a swarm whose managers answer: machines out of their reach, and failures that it would not survive.
 *
 * @param machines all of the project, also those that do not answer
 */
export function swarmRemarks(seen: SeenMembers, machines: readonly ProjectNode[]): SwarmRemark[] {
  return [...seen.nodes.flatMap(contactRemarks), ...managerRemarks(seen, machines)];
}

const openPorts = `let the machines reach each other at ${swarmPorts}`;

/** Its Engine answers this call, but not the managers. */
function contactRemarks({ name: node, member }: SwarmNode): SwarmRemark[] {
  if (!member || member.isLost) return [];
  if (member.state !== "down" && member.state !== "disconnected") return [];
  const message = "the managers of its swarm do not reach it, and give its tasks to other machines";
  return [{ node, message, remedy: openPorts }];
}

/** Nothing in a swarm can be changed without more than half of its managers. */
function managerRemarks(
  { nodes, members }: SeenMembers,
  machines: readonly ProjectNode[],
): SwarmRemark[] {
  const managers = members.filter(({ role }) => role === "manager");
  const lost = managers.filter(({ isLost }) => isLost);
  const spare = Math.ceil(managers.length / 2) - 1 - lost.length;
  const loss = "nothing in the swarm can be changed";
  if (lost.length > 0)
    return lost.map((member) => {
      const reached = nodes.find((one) => one.member === member);
      const node = reached?.name ?? machines.find((one) => addressOf(one) === member.address)?.name;
      const name = dockerNameOf(member, members);
      const consequence = spare > 0 ? "" : `; if another one fails, ${loss}`;
      return {
        ...(node !== undefined && { node }),
        message: `the other managers do not reach the manager ${node ?? name}${consequence}`,
        remedy: reached
          ? openPorts
          : `start it; or, if it is gone for good, on a manager: docker node demote ${name}`,
      };
    });
  const last = managers.at(-1);
  // Of two machines one is a manager: there is no better choice.
  const isSmall = Math.max(machines.length, members.length) < 3;
  if (!last || spare > 0 || (managers.length === 1 && isSmall)) return [];
  const one = managers.length === 1 ? "it" : "one";
  const message = `the swarm has ${pluralize(managers.length, "manager")}: if ${one} fails, ${loss}`;
  const remedy = moreManagers(last, { members, machines });
  return [{ message, remedy }];
}

/** `nodes join` makes managers of the project's machines only. */
function moreManagers(
  last: SwarmMember,
  { members, machines }: Pick<SeenMembers, "members"> & { machines: readonly ProjectNode[] },
): string {
  if (machines.length >= 3) return "make three managers: reyns nodes join";
  const worker = members.find(({ role }) => role === "worker");
  if (worker && members.length >= 3)
    return `on a manager: docker node promote ${dockerNameOf(worker, members)}`;
  return `on a manager: docker node demote ${dockerNameOf(last, members)}`;
}
