import type { ReynsError } from "../../errors.ts";
import type { SwarmChange, SwarmNode } from "../../model/swarm.ts";
import { isMember, refused, type SeenSwarm } from "./check.ts";
import { forgetLost } from "./join.ts";
import { isOwnMember, type JoinRecords } from "./own.ts";

export interface LeavePlan {
  readonly changes: readonly SwarmChange[];
  /** Nodes that stay, because Reyns did not let them in. */
  readonly kept: readonly string[];
  /** Nodes of another swarm, for a call of its own: a manager of theirs says what uses it. */
  readonly elsewhere: readonly string[];
  readonly errors: readonly ReynsError[];
}

interface LeaveOptions extends JoinRecords {
  /** Those that Reyns did not let in leave, too. */
  readonly foreign: boolean;
}

/**
 * Takes out of their swarm the nodes that the project's `nodes join` has put there. The last manager ends it. Of nodes in
 * several swarms, those leave that are in the swarm of the first manager.
 */
export function planLeave(
  { nodes, members }: Pick<SeenSwarm, "nodes" | "members">,
  options: LeaveOptions,
): LeavePlan {
  const inside = nodes.filter(({ membership }) => membership.state !== "inactive");
  const meant = inside.filter((node) => options.foreign || isOwn(node, nodes, options));
  const kept = inside.filter((node) => !meant.includes(node)).map(({ name }) => name);
  const others = meant.filter((node) => members.length > 0 && isMember(node) && !node.member);
  const leaving = meant.filter((node) => !others.includes(node));
  const elsewhere = others.map(({ name }) => name);
  const lost = forgetLost({ nodes, members });
  const staying = members.filter(
    (member) =>
      leaving.every((node) => node.member !== member) &&
      lost.every((change) => !("member" in change) || change.member !== member),
  );
  const hasManager = staying.some(({ role, state }) => role === "manager" && state === "ready");
  if (staying.length > 0 && !hasManager && leaving.length > 0 && !options.foreign) {
    const machines = staying.map(({ machine, address }) => `${machine} (${address})`).join(", ");
    const message = `${machines}: would be left in a swarm without a manager`;
    const hint = 'take them out first, with "docker swarm leave" there; or add foreign=true';
    return { changes: [], kept, elsewhere, errors: [refused(message, hint)] };
  }
  // Workers first, so that each demoted manager has another one to hand over to.
  const ordered = leaving.toSorted(
    (one, other) => Number(isManager(one)) - Number(isManager(other)),
  );
  const changes = ordered.map(({ name: node, address, member }, index): SwarmChange => {
    const isLast = !hasManager && index === ordered.length - 1;
    return { kind: "leave", node, address, member, ends: !hasManager, isLast };
  });
  // A manager that is lost counts, and would keep the others from leaving.
  const all = changes.length > 0 ? [...lost, ...changes] : [];
  return { changes: all, kept, elsewhere, errors: [] };
}

/** One that was never let in is in none. */
function isOwn(node: SwarmNode, nodes: readonly SwarmNode[], records: JoinRecords): boolean {
  return !isMember(node) || isOwnMember(node, nodes, records);
}

function isManager({ membership }: SwarmNode): boolean {
  return membership.isManager;
}
