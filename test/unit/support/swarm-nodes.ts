// Machines in a swarm and outside of it.
import type { ReynsError } from "../../../src/errors.ts";
import { noSwarm, type SwarmMember, type SwarmNode } from "../../../src/model/swarm.ts";

export const swarmOwner = { name: "shop", origin: "/shop" };

/** A machine that is in no swarm. */
export function outside(number: number): SwarmNode {
  const [name, address] = [`node${number}`, `10.0.0.${number}`];
  return { name, address, membership: noSwarm, member: undefined };
}

/** A machine that a project, ours unless said otherwise, has put into the swarm. */
export function inside(
  number: number,
  role: SwarmMember["role"],
  joinedBy: SwarmMember["joinedBy"] = swarmOwner,
): SwarmNode & { member: SwarmMember } {
  const node = outside(number);
  const { address } = node;
  const isManager = role === "manager";
  const id = `id${number}`;
  return {
    ...node,
    membership: { ...noSwarm, state: "active", memberId: id, address, isManager },
    member: {
      ...{ id, version: 1, machine: node.name, role, state: "ready", address, joinedBy },
      ...{ availability: "active", isLost: false },
    },
  };
}

export function swarmOf(...nodes: readonly SwarmNode[]): {
  nodes: readonly SwarmNode[];
  members: SwarmMember[];
  unreachable: ReynsError[];
} {
  return { nodes, members: nodes.flatMap(({ member }) => member ?? []), unreachable: [] };
}

/** For planJoin(): nothing is left of an earlier call. */
export const joinOptions = { owner: swarmOwner, joins: [] };

/** For planLeave(). */
export const leaveOptions = { ...joinOptions, foreign: false };
