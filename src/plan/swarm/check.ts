import { invalidProject, ReynsError } from "../../errors.ts";
import { addressOf, type ProjectNode } from "../../model/nodes.ts";
import type { SwarmMember, SwarmNode } from "../../model/swarm.ts";
import { isPrivate } from "../checks/ports.ts";
import { activateHint } from "./docker-name.ts";

/** Without an address nobody finds a machine, and what members send each other is readable and unsigned. */
export function addressErrors(nodes: readonly ProjectNode[], allowPublic: boolean): ReynsError[] {
  return nodes.flatMap((node) => {
    const address = addressOf(node);
    if (address === undefined) {
      const message = `the node "${node.name}" has no address by which the others reach it`;
      return [invalidProject(message, 'add its IPv4 address: { address: "10.0.0.11" }', node.at)];
    }
    if (allowPublic || isPrivate(address)) return [];
    const message = `${node.name}: ${address} is a public address, and an overlay is for private networks only`;
    const hint =
      "give the node its address in the private network; or, behind a firewall, add allow_public=true";
    return [invalidProject(message, hint, node.at)];
  });
}

/** The swarm of the nodes that are in one; its members are those that a manager lists. */
export interface SeenSwarm {
  readonly nodes: readonly SwarmNode[];
  readonly members: readonly SwarmMember[];
  /** Why other nodes do not answer. */
  readonly unreachable: readonly ReynsError[];
}

export type SeenMembers = Pick<SeenSwarm, "nodes" | "members">;

/** What keeps nodes from being in one swarm, each at the address by which the others know it. */
export function membershipErrors(seen: SeenSwarm): ReynsError[] {
  const errors = oneSwarmErrors(seen);
  if (errors.length > 0) return errors;
  return seen.nodes
    .filter((node) => isMember(node) && node.membership.address !== node.address)
    .map(({ name, address, membership }) =>
      refused(
        `${name}: in the swarm as ${membership.address}, but its address is ${address}`,
        `correct the address in node(), or ${byHandOf(seen)}`,
      ),
    );
}

/** A manager may be among those that do not answer: without it, nobody can tell what leaving would end. */
function byHandOf({ unreachable }: SeenSwarm): string {
  return unreachable.length > 0 ? "start the machines that do not answer" : leaveByHand;
}

/** What keeps nodes from being in one swarm, whatever their addresses. */
export function oneSwarmErrors(seen: SeenSwarm): ReynsError[] {
  const { nodes, members } = seen;
  const active = nodes.filter(isMember);
  const byHand = byHandOf(seen);
  const troubles = nodes.flatMap((node) => troubleOf(node, byHand));
  if (troubles.length > 0 || active.length === 0) return troubles;
  const manager = active.find(({ membership }) => membership.isManager);
  if (!manager) {
    const message = `${namesOf(active)}: in a swarm, of which no manager is among the machines that answer`;
    return [refused(message, `start one, or name it with node(); or ${byHand}`)];
  }
  const others = active.filter(({ membership: { memberId } }) =>
    members.every(({ id }) => id !== memberId),
  );
  if (others.length > 0) {
    const message = `${namesOf(others)}: in another swarm than ${manager.name}`;
    return [refused(message, `to move them to that of ${manager.name}, ${byHand}`)];
  }
  return [];
}

const leaveByHand = 'run "docker swarm leave --force" on each of them, then reyns nodes join again';

/** What keeps a network from spanning the nodes. */
export function spanningErrors(seen: SeenSwarm): ReynsError[] {
  const outside = seen.nodes.filter((node) => !isMember(node));
  if (outside.length > 0) {
    const message = `${namesOf(outside)}: in no Docker Swarm, over which network("overlay") goes`;
    return [refused(message, "make one of all machines: reyns nodes join")];
  }
  const errors = membershipErrors(seen);
  if (errors.length > 0 || seen.members.length > 0) return errors;
  const message =
    "no manager of the Docker Swarm answers, without which nothing can start in its networks";
  return [refused(message, startManagers)];
}

/**
 * Docker lets no container of a drained or paused machine join: it waits 20 s for a task of the network, and gives up.
 *
 * @param joining nodes with containers that are to join the network of all machines
 */
export function availabilityErrors(
  { nodes, members }: SeenMembers,
  joining: ReadonlySet<string>,
): ReynsError[] {
  return nodes.flatMap(({ name, member }) => {
    if (!member || member.availability === "active" || !joining.has(name)) return [];
    const state = member.availability === "drain" ? "drained" : "paused";
    const message = `${name}: ${state} in its swarm, so that no container there can join the network of all machines`;
    return [refused(message, activateHint(member, members))];
  });
}

/** A machine that asked to be let in, and was not, is no member: `join` asks again. */
export function isMember({ membership: { state, memberId } }: SwarmNode): boolean {
  return state !== "inactive" && !(state === "pending" && memberId === "");
}

function troubleOf(
  { name, membership: { state, memberId, problem } }: SwarmNode,
  byHand: string,
): ReynsError[] {
  if (state === "locked")
    return [refused(`${name}: its swarm is locked`, 'run "docker swarm unlock" there')];
  if (state === "error")
    return [refused(`${name}: not working in its swarm: ${problem ?? "no reason given"}`, byHand)];
  if (state === "pending" && memberId !== "") {
    const hint = "wait for the machines of its managers, or start them";
    return [refused(`${name}: no manager of its swarm answers it`, hint)];
  }
  if (problem !== undefined) return [refused(`${name}: ${problem}`, startManagers)];
  return [];
}

/** More than half of the managers have to run for a change. */
export const startManagers = "start the machines of the other managers: more than half have to run";

function namesOf(nodes: readonly SwarmNode[]): string {
  return nodes.map(({ name }) => name).join(", ");
}

export function refused(message: string, hint: string): ReynsError {
  return new ReynsError("ENGINE_REFUSED", message, { hint });
}
