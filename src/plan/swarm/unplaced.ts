import { summarizeList } from "../../lib/summarize-list.ts";
import { hostNameOf } from "../../model/host-names.ts";
import type { Conf, InstanceDefinition } from "../../model/project.ts";
import type { SwarmMember } from "../../model/swarm.ts";
import type { SeenMembers } from "./check.ts";
import { activateHint, dockerNameOf } from "./docker-name.ts";

/** Services that have no machine, and how they get one. */
interface UnplacedServices {
  readonly message: string;
  readonly remedy: string;
}

/**
 * Finds the services of a conf for which a swarm has no machine that takes tasks: all are drained, paused or down, or those
 * are that the placement allows.
 */
export function unplacedServices(
  { instances, nodes = {} }: Conf,
  seen: SeenMembers,
): UnplacedServices[] {
  const found = new Set(seen.nodes.flatMap(({ name, member }) => (member ? name : [])));
  const unseen = new Set(Object.keys(nodes)).difference(found);
  const services = instances.flatMap((definition) => {
    const constraints = constraintsOf(definition, nodes);
    if (!constraints) return [];
    const allowed = seen.members.filter((member) =>
      constraints.every((constraint) => isMet(constraint, member, { ...seen, unseen })),
    );
    if (allowed.some((member) => obstacleOf(member) === undefined)) return [];
    return [
      { host: hostNameOf(definition.service, definition.instance ?? ""), allowed, constraints },
    ];
  });
  const byMachines = Map.groupBy(services, ({ allowed, constraints }) =>
    JSON.stringify(allowed.length > 0 ? allowed.map(({ id }) => id) : constraints),
  );
  return [...byMachines.values()].map((group) => {
    const [{ allowed, constraints } = { allowed: [], constraints: [] }] = group;
    const hosts = summarizeList(
      group.map(({ host }) => host),
      4,
    );
    const { reason, remedy } =
      allowed.length > 0 ? closedMachines(allowed, seen) : noMachine(constraints);
    const outcome =
      "a run fails, and tasks that end, as all do on a drained machine, start nowhere else";
    return { message: `no machine takes tasks of ${hosts}: ${reason}; ${outcome}`, remedy };
  });
}

function closedMachines(
  allowed: readonly SwarmMember[],
  { nodes, members }: SeenMembers,
): { readonly reason: string; readonly remedy: string } {
  const nameOf = (member: SwarmMember): string =>
    nodes.find((node) => node.member?.id === member.id)?.name ?? dockerNameOf(member, members);
  const states = allowed.map((member) => `${nameOf(member)} is ${obstacleOf(member)}`);
  const closed = allowed.find(({ availability }) => availability !== "active");
  const remedy = closed ? activateHint(closed, members) : "start one of them";
  return { reason: summarizeList(states, 4), remedy };
}

function noMachine(constraints: readonly string[]): { reason: string; remedy: string } {
  return {
    reason: `none in the swarm has ${constraints.join(" and ")}`,
    remedy: "correct its placement, or let such a machine join: reyns nodes join",
  };
}

/** Why a machine gets no tasks. */
function obstacleOf({ availability, state }: SwarmMember): string | undefined {
  if (availability === "active") return state === "down" ? "down" : undefined;
  return availability === "drain" ? "drained" : "paused";
}

/** Undefined for an instance that is no service. */
function constraintsOf(
  { swarm, group }: InstanceDefinition,
  nodes: NonNullable<Conf["nodes"]>,
): readonly string[] | undefined {
  if (!swarm) return undefined;
  const { constraints } = swarm.placement;
  // Another group is a choice of what runs, not of where.
  const isPlaced = group !== undefined && Object.hasOwn(nodes, group);
  return isPlaced ? [`node.hostname==${group}`, ...constraints] : constraints;
}

interface SeenNodes extends SeenMembers {
  /** Names of nodes that do not answer: each may be any machine of the swarm. */
  readonly unseen: ReadonlySet<string>;
}

/** Only a manager knows a machine's labels: it counts as if it had those that are asked for. */
function isMet(constraint: string, member: SwarmMember, { nodes, unseen }: SeenNodes): boolean {
  const [, key = "", operator, value = ""] = /^(\S+?)\s*([=!])=\s*(.*?)\s*$/.exec(constraint) ?? [];
  const own = nodes.filter((node) => node.member?.id === member.id).map(({ name }) => name);
  const attributes: Readonly<Record<string, readonly string[]>> = {
    "node.hostname": [member.machine, ...own],
    "node.id": [member.id],
    "node.role": [member.role],
  };
  const given = attributes[key];
  if (!given || (key === "node.hostname" && unseen.has(value))) return true;
  const isEqual = given.some((each) => each.toLowerCase() === value.toLowerCase());
  return operator === "=" ? isEqual : !isEqual;
}
