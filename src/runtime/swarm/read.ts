import { withTimeout } from "../../docker/client/timeouts.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { listNetworks } from "../../docker/networks.ts";
import { listFileNames } from "../../docker/services/files.ts";
import { listMembers, listSwarmServices, swarmMembership } from "../../docker/swarm.ts";
import type { ReynsError } from "../../errors.ts";
import { addressOf, type ProjectNode } from "../../model/nodes.ts";
import type { SwarmMember, SwarmMembership, SwarmNode } from "../../model/swarm.ts";
import { nodeError, nodeTimeoutMs, type OpenNode } from "../nodes/node-error.ts";

/** The nodes that answer, the swarm that they are in, and why the others do not answer. */
export interface ReadSwarm {
  readonly nodes: readonly SwarmNode[];
  readonly members: readonly SwarmMember[];
  readonly engines: ReadonlyMap<string, Engine>;
  /** The name of one that can change the swarm. */
  readonly manager: string | undefined;
  readonly unreachable: readonly ReynsError[];
}

/** A node that answers, and what it says of its swarm. */
export interface ReachedNode {
  readonly node: ProjectNode;
  readonly engine: Engine;
  readonly membership: SwarmMembership;
}

/** Asks all nodes at the same time, then one of the managers among them. */
export async function readSwarm(nodes: readonly ProjectNode[], open: OpenNode): Promise<ReadSwarm> {
  const { reached, unreachable } = await readMemberships(nodes, open);
  return { ...(await listSwarm(reached)), unreachable };
}

/** Asks all nodes at the same time what they are in. */
export async function readMemberships(
  nodes: readonly ProjectNode[],
  open: OpenNode,
): Promise<{ reached: ReachedNode[]; unreachable: ReynsError[] }> {
  const all = await Promise.all(nodes.map((node) => reach(node, open)));
  return {
    reached: all.filter((one): one is ReachedNode => "engine" in one),
    unreachable: all.filter((one): one is ReynsError => !("engine" in one)),
  };
}

/** The same for nodes that are connected already. */
export async function readSwarmOf(
  connected: readonly Pick<ReachedNode, "node" | "engine">[],
): Promise<ReadSwarm> {
  const reached = await Promise.all(
    connected.map(async ({ node, engine }) => ({
      node,
      engine,
      membership: await swarmMembership(engine),
    })),
  );
  return { ...(await listSwarm(reached)), unreachable: [] };
}

/** The same once more, without looking again for nodes that did not answer. */
export async function rereadSwarm(
  { engines, unreachable }: ReadSwarm,
  nodes: readonly ProjectNode[],
): Promise<ReadSwarm> {
  const connected = nodes.flatMap((node) => {
    const engine = engines.get(node.name);
    return engine ? [{ node, engine }] : [];
  });
  return { ...(await readSwarmOf(connected)), unreachable };
}

/** One that can change the swarm. */
export function workingManager(reached: readonly ReachedNode[]): ReachedNode | undefined {
  return reached.find(({ membership: { isManager, problem } }) => isManager && !problem);
}

/** Asks one of the managers among nodes. */
export async function listSwarm(
  reached: readonly ReachedNode[],
): Promise<Omit<ReadSwarm, "unreachable">> {
  const manager = workingManager(reached);
  const members = manager ? await listMembers(manager.engine) : [];
  return {
    nodes: reached.map(({ node, membership }) => ({
      name: node.name,
      address: addressOf(node) ?? "",
      membership,
      member: members.find(({ id }) => id === membership.memberId),
    })),
    members,
    engines: new Map(reached.map(({ node, engine }) => [node.name, engine])),
    manager: manager?.node.name,
  };
}

async function reach(node: ProjectNode, open: OpenNode): Promise<ReachedNode | ReynsError> {
  try {
    const engine = await open(node);
    return { node, engine, membership: await withTimeout(nodeTimeoutMs, swarmMembership(engine)) };
  } catch (error) {
    return nodeError(error, node);
  }
}

/** The networks and services that a swarm is used for: "the network shop-back". */
export async function listSwarmUses(manager: Engine): Promise<string[]> {
  const [networks, services] = await Promise.all([
    listNetworks(manager),
    listSwarmServices(manager),
  ]);
  const overlays = networks.filter(({ isSpanning, isIngress }) => isSpanning && !isIngress);
  return [
    ...overlays.map(({ name }) => `the network ${name}`),
    ...services.map((name) => `the service ${name}`),
  ];
}

/** What else ends with a swarm: "the secret shop-db". */
export async function listSwarmFiles(manager: Engine): Promise<string[]> {
  const [secrets, configs] = await Promise.all([
    listFileNames(manager, "secrets"),
    listFileNames(manager, "configs"),
  ]);
  return [
    ...secrets.map((name) => `the secret ${name}`),
    ...configs.map((name) => `the config ${name}`),
  ];
}

export async function isSwarmManager(engine: Engine): Promise<boolean> {
  return (await swarmMembership(engine)).isManager;
}

/** Subnets of all networks of all Engines. */
export async function listSubnets(engines: Iterable<Engine>): Promise<string[]> {
  const lists = await Promise.all([...engines].map((engine) => listNetworks(engine)));
  return lists.flat().flatMap(({ subnets }) => subnets);
}

export { listMembers, swarmMembership };
