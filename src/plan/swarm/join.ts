import type { SwarmChange, SwarmMember, SwarmNode, SwarmRole } from "../../model/swarm.ts";
import { isMember, type SeenMembers } from "./check.ts";
import { isUnmarked, type JoinRecords } from "./own.ts";

/** With three managers one may fail; two would both be needed. */
function managersFor(machines: number): number {
  return machines >= 3 ? 3 : 1;
}

/** What makes one swarm of all nodes: nothing if they are one. */
export function planJoin({ nodes, members }: SeenMembers, records: JoinRecords): SwarmChange[] {
  const former = forgetLost({ nodes, members });
  const left = new Set(former.flatMap((change) => ("member" in change ? change.member : [])));
  const managers = members.filter((member) => member.role === "manager" && !left.has(member));
  let missing = managersFor(nodes.length) - managers.length;
  const takeRole = (): SwarmRole => (missing-- > 0 ? "manager" : "worker");
  const isNew = nodes.every((node) => !isMember(node));
  const changes = nodes.flatMap((seen, index): SwarmChange[] => {
    const { name: node, address, member } = seen;
    if (member)
      return [
        ...(isUnmarked(seen, nodes, records)
          ? [{ kind: "mark", node, address, member } as const]
          : []),
        ...promotion(seen, member, takeRole),
      ];
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
  { name: node, address }: SwarmNode,
  member: SwarmMember,
  takeRole: () => SwarmRole,
): SwarmChange[] {
  if (member.role === "manager" || takeRole() === "worker") return [];
  return [{ kind: "promote", node, address, member }];
}

/** Two Engines may have one address. */
function isNobodys(member: SwarmMember, nodes: readonly SwarmNode[]): boolean {
  return nodes.every((node) => node.member !== member);
}

/** Removes the places of machines that are not in the swarm any more. Its managers call them ready for some time. */
export function forgetLost({ nodes, members }: SeenMembers): SwarmChange[] {
  return nodes
    .filter((node) => !isMember(node))
    .flatMap(({ name, address }) =>
      members
        .filter((member) => member.address === address && isNobodys(member, nodes))
        .map((member): SwarmChange => ({ kind: "forget", node: name, address, member })),
    );
}
