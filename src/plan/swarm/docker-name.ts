import type { SwarmMember } from "../../model/swarm.ts";

type MemberName = Pick<SwarmMember, "id" | "machine">;

/** How the Engine's own commands call a machine: by its host name, or by its id where another one has the same. */
export function dockerNameOf({ id, machine }: MemberName, members: readonly MemberName[]): string {
  const isUnique = members.filter((other) => other.machine === machine).length === 1;
  return machine !== "" && isUnique ? machine : id;
}

/** The command with which a machine takes tasks again. */
export function activateHint(member: MemberName, members: readonly MemberName[]): string {
  return `on a manager: docker node update --availability active ${dockerNameOf(member, members)}`;
}
