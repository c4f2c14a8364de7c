import type { ReynsError } from "../../errors.ts";
import type { SwarmChange, SwarmNode } from "../../model/swarm.ts";
import { isMember, refused, type SeenSwarm } from "./check.ts";
import { forgetLost } from "./join.ts";
import { isOwnMember, type JoinRecords } from "./own.ts";

export interface LeavePlan {
  readonly changes: readonly SwarmChange[];
  /** Nodes that stay, because Reyns did not let them in. */
  readonly kept: readonly string[];
  readonly errors: readonly ReynsError[];
}

interface LeaveOptions extends JoinRecords {
  /** Those that Reyns did not let in leave, too. */
  readonly foreign: boolean;
}

/** Takes out of their swarm the nodes that the project's `nodes join` has put there. The last manager ends it. */
export function planLeave(
  { nodes, members }: Pick<SeenSwarm, "nodes" | "members">,
  options: LeaveOptions,
): LeavePlan {
  const inside = nodes.filter(({ membership }) => membership.state !== "inactive");
  const leaving = inside.filter((node) => options.foreign || isOwn(node, nodes, options));
  const kept = inside.filter((node) => !leaving.includes(node)).map(({ name }) => name);
  const others = leaving.filter((node) => members.length > 0 && isMember(node) && !node.member);
  if (others.length > 0) return { changes: [], kept, errors: [otherSwarm(others, nodes)] };
  const lost = forgetLost({ nodes, members });
  const staying = members.filter(
    (member) =>
      leaving.every((node) => node.member !== member) &&
      lost.every((change) => !("member" in change) || change.member !== member),
  );
  const hasManager = staying.some(({ role, isReady }) => role === "manager" && isReady);
  if (staying.length > 0 && !hasManager && leaving.length > 0 && !options.foreign) {
    const machines = staying.map(({ machine, address }) => `${machine} (${address})`).join(", ");
    const message = `${machines}: would be left in a swarm without a manager`;
    const hint = 'take them out first, with "docker swarm leave" there; or add foreign=true';
    return { changes: [], kept, errors: [refused(message, hint)] };
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
  return { changes: changes.length > 0 ? [...lost, ...changes] : [], kept, errors: [] };
}

/** One that was never let in is in none. */
function isOwn(node: SwarmNode, nodes: readonly SwarmNode[], records: JoinRecords): boolean {
  return !isMember(node) || isOwnMember(node, nodes, records);
}

/** What uses their swarm, and whether its other managers can do without them, nobody knows here. */
function otherSwarm(others: readonly SwarmNode[], nodes: readonly SwarmNode[]): ReynsError {
  const manager = nodes.find((node) => node.member && isManager(node))?.name ?? "the managers";
  const names = others.map(({ name }) => name).join(", ");
  const message = `${names}: no member of the swarm of ${manager}, and leave takes machines out of one swarm at a time`;
  const hint =
    'once nothing needs their swarm, take them out first, with "docker swarm leave" on each';
  return refused(message, hint);
}

function isManager({ membership }: SwarmNode): boolean {
  return membership.isManager;
}
