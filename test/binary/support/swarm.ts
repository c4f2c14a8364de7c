// What a Docker Swarm of a test's machines has, as the Engine's own client tells it, and what Reyns lists of it.
import { until } from "../../engine/support/images-container.ts";
import { on } from "./machines.ts";
import type { Node } from "./nodes.ts";

/** An instance, or a service of a swarm, as `ps json` lists it. */
export interface Listed {
  readonly id: string;
  readonly service: string;
  readonly instance: string;
  readonly node?: string;
  readonly state: string;
  readonly ready: boolean;
  readonly address: string;
  readonly ports: readonly { readonly host: number | null }[];
  /** Only a service of a swarm has them. */
  readonly tasks?: { readonly desired: number; readonly running: number; readonly update: string };
}

/** What Reyns lists of a service, on whichever node. */
export async function listService(node: Node, service: string): Promise<Listed[]> {
  const all = JSON.parse(await node.must("ps all json")) as Listed[];
  return all.filter((listed) => listed.service === service);
}

/**
 * Waits until a service is ready with so many tasks. Swarm counts a task that it has just started, and one that has just
 * ended, a moment later.
 *
 * @param update the state of its last update, where that matters
 */
export async function untilTasks(
  node: Node,
  service: string,
  { tasks, update }: { readonly tasks: number; readonly update?: string | undefined },
): Promise<void> {
  const isSo = async (): Promise<boolean> => {
    const [found] = await listService(node, service);
    const isThere = found?.ready === true && found.tasks?.running === tasks;
    return isThere && (update === undefined || found.tasks?.update === update);
  };
  await until(`${tasks} tasks`, isSo, 60);
}

/** Makes a swarm of nodes, in which only the first is a manager, and waits until all of them are ready. */
export async function joinSwarm(manager: Node, ...workers: readonly Node[]): Promise<void> {
  await on(manager, "swarm", "init", "--advertise-addr", manager.address);
  const token = await on(manager, "swarm", "join-token", "--quiet", "worker");
  for (const worker of workers)
    await on(worker, "swarm", "join", "--token", token, `${manager.address}:2377`);
  const states = ["Ready", ...workers.map(() => "Ready")].join("\n");
  const areReady = async (): Promise<boolean> =>
    (await on(manager, "node", "ls", "--format", "{{.Status}}")) === states;
  await until("all nodes of the swarm", areReady, 60);
}

/** The role of each node in its swarm, its state when that is not active, or null in no swarm. */
export async function swarmRoles(node: Node): Promise<(string | null)[]> {
  const states = JSON.parse(await node.must("nodes json")) as {
    swarm: { role: string; state: string } | null;
  }[];
  return states.map(({ swarm }) => swarm && (swarm.state === "active" ? swarm.role : swarm.state));
}

/** Ids of the tasks' containers that run on a node. */
export async function tasksOn(node: Node): Promise<string[]> {
  const ids = await on(node, "ps", "--quiet", "--filter", "label=io.reyns.role=task");
  return ids.split("\n").filter(Boolean);
}

/** The same of several nodes, each id with its node. */
export async function allTasks(...nodes: readonly Node[]): Promise<(readonly [string, Node])[]> {
  const found = await Promise.all(
    nodes.map(async (node) => (await tasksOn(node)).map((id) => [id, node] as const)),
  );
  return found.flat();
}

/** Services, secrets and configs of the node's swarm. */
export async function swarmObjects(node: Node): Promise<string[]> {
  const kinds = ["service", "secret", "config"];
  const ids = await Promise.all(kinds.map((kind) => on(node, kind, "ls", "--quiet")));
  return ids.filter(Boolean);
}

/** Waits until the swarm has no network but its own: the managers remove others in their time. */
export async function untilNoOverlay(node: Node, seconds: number): Promise<void> {
  const words = ["network", "ls", "--filter", "scope=swarm", "--format", "{{.Name}}"];
  const isGone = async (): Promise<boolean> => (await on(node, ...words)) === "ingress";
  await until("the end of the network", isGone, seconds);
}
