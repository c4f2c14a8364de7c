import type { SwarmChange, SwarmMember, SwarmRole } from "../../model/swarm.ts";
import { isMember, type SeenSwarm } from "./check.ts";

/** With three managers one may fail; two would both be needed. */
function managersFor(machines: number): number {
  return machines >= 3 ? 3 : 1;
}

/** What makes one swarm of all nodes: nothing if they are one. */
export function planJoin({ nodes, members }: SeenSwarm): SwarmChange[] {
  const former = forgetLost({ nodes, members });
  const left = new Set(former.flatMap((change) => ("member" in change ? change.member : [])));
  const managers = members.filter((member) => member.role === "manager" && !left.has(member));
  let missing = managersFor(nodes.length) - managers.length;
  const takeRole = (): SwarmRole => (missing-- > 0 ? "manager" : "worker");
  const isNew = nodes.every((node) => !isMember(node));
  const changes = nodes.flatMap(({ name: node, address, member }, index): SwarmChange[] => {
    if (member) return promotion(node, address, member, takeRole);
    const role = takeRole();
    return [
      isNew && index === 0
        ? { kind: "init", node, address }
        : { kind: "join", node, address, role },
    ];
  });
  return [...former, ...changes];
}

function promotion(
  node: string,
  address: string,
  member: SwarmMember,
  takeRole: () => SwarmRole,
): SwarmChange[] {
  if (member.role === "manager" || takeRole() === "worker") return [];
  return [{ kind: "promote", node, address, member }];
}

/** Removes the places of machines that are not in the swarm any more. */
export function forgetLost({ nodes, members }: SeenSwarm): SwarmChange[] {
  return nodes
    .filter((node) => !isMember(node))
    .flatMap(({ name, address }) =>
      members
        .filter((member) => member.address === address && !member.isReady)
        .map((member): SwarmChange => ({ kind: "forget", node: name, address, member })),
    );
}
