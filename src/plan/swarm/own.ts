import type { ProjectIdentity } from "../../model/resource-names.ts";
import type { RecordedJoin, SwarmNode } from "../../model/swarm.ts";

/** What tells a project's members of a swarm from those of others. */
export interface JoinRecords {
  readonly owner: ProjectIdentity;
  /** Requests of calls that may have been killed before the managers knew whose members they made. */
  readonly joins: readonly RecordedJoin[];
}

/** Whether a call of the project has let a member in. */
export function isOwnMember(
  node: SwarmNode,
  nodes: readonly SwarmNode[],
  records: JoinRecords,
): boolean {
  return isSame(node.member?.joinedBy, records.owner) || isUnmarked(node, nodes, records);
}

/** Whether a call of the project has let a member in, and was killed before it could mark it. */
export function isUnmarked(
  { name, address, member }: SwarmNode,
  nodes: readonly SwarmNode[],
  { owner, joins }: JoinRecords,
): boolean {
  if (!member || member.joinedBy) return false;
  const manager = nodes.find((node) => node.member && node.membership.isManager)?.membership;
  return joins.some(
    (join) =>
      join.node === name &&
      join.address === address &&
      (join.swarm === undefined ? isSame(manager?.begunBy, owner) : join.swarm === manager?.swarm),
  );
}

/** Two projects may have the same name. */
function isSame(one: ProjectIdentity | undefined, other: ProjectIdentity): boolean {
  return one?.name === other.name && one.origin === other.origin;
}
