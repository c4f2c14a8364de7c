import type { Engine } from "../../docker/client/engine.ts";
import { errorStatus } from "../../docker/client/errors.ts";
import {
  initSwarm,
  joinSwarm,
  leaveSwarm,
  listMembers,
  removeMember,
  swarmMembership,
  updateMember,
} from "../../docker/swarm.ts";
import { errorWith, ReynsError } from "../../errors.ts";
import { swarmPorts, type SwarmChange, type SwarmMembership } from "../../model/swarm.ts";

interface SwarmContext {
  readonly engines: ReadonlyMap<string, Engine>;
  /** Nodes that are managers; changes add and remove some. */
  readonly managers: Set<string>;
  /** Name of the project. */
  readonly project: string;
  /** For networks of the swarm without a range of their own. */
  readonly pool: string;
}

/**
 * Makes one change of a swarm.
 *
 * @throws ReynsError ENGINE_REFUSED
 */
export async function changeSwarm(change: SwarmChange, context: SwarmContext): Promise<void> {
  const engine = engineOf(change.node, context);
  try {
    await carryOut(change, engine, context);
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    throw errorWith(error, { message: `${change.node}: ${error.message}` });
  }
}

async function carryOut(change: SwarmChange, engine: Engine, context: SwarmContext): Promise<void> {
  const { node, address } = change;
  switch (change.kind) {
    case "init":
      await initSwarm(engine, address, context.pool);
      context.managers.add(node);
      return markMember(engine, context);
    case "join":
      await join(change, engine, context);
      if (change.role === "manager") context.managers.add(node);
      return markMember(engine, context);
    case "promote":
      await updateMember(managerFor(node, context), change.member.id, { role: "manager" });
      await waitFor(engine, ({ isManager }) => isManager);
      return void context.managers.add(node);
    case "forget":
      return forget(change, managerFor(node, context));
    case "leave":
      return leave(change, engine, context);
  }
}

/** A request that nobody answers would go on: the Engine takes it back. */
async function join(
  { address, role }: Extract<SwarmChange, { kind: "join" }>,
  engine: Engine,
  context: SwarmContext,
): Promise<void> {
  const manager = managerFor(undefined, context);
  const managers = (await listMembers(manager))
    .filter((member) => member.role === "manager" && member.isReady)
    .map((member) => member.address);
  try {
    // What an earlier call has begun.
    if ((await swarmMembership(engine)).state === "pending") await leaveSwarm(engine, true);
    await joinSwarm(engine, manager, { address, role, managers });
    await waitFor(engine, ({ state }) => state === "active");
  } catch (error) {
    await leaveSwarm(engine, true).catch(() => {});
    if (!(error instanceof ReynsError)) throw error;
    const hint = `check that ${managers.join(", ")} can be reached from it, and it from there, at the ports ${swarmPorts}`;
    throw errorWith(error, { hint });
  }
}

async function markMember(engine: Engine, context: SwarmContext): Promise<void> {
  const { memberId } = await swarmMembership(engine);
  const joinedBy = context.project;
  // Meanwhile the swarm may change it, too.
  await retryUntil(() => updateMember(managerFor(undefined, context), memberId, { joinedBy }));
}

async function forget(
  { member: { id, role } }: Extract<SwarmChange, { kind: "forget" }>,
  manager: Engine,
): Promise<void> {
  if (role === "manager") await updateMember(manager, id, { role: "worker" });
  // The managers need a moment to do without it.
  await retryUntil(() => removeMember(manager, id));
}

async function leave(
  { node, member, ends, isLast }: Extract<SwarmChange, { kind: "leave" }>,
  engine: Engine,
  context: SwarmContext,
): Promise<void> {
  const isManager = context.managers.delete(node);
  const manager = context.managers.size > 0 ? managerFor(node, context) : undefined;
  if (isLast || !member || !manager) return leaveSwarm(engine, true);
  try {
    if (isManager) await demote(member.id, engine, manager);
  } catch (error) {
    // Too few managers are left to agree on it, and none is needed any more.
    if (!ends || errorStatus(error) === undefined) throw error;
  }
  await leaveSwarm(engine, ends);
  if (!ends) await retryUntil(() => removeMember(manager, member.id));
}

async function demote(id: string, engine: Engine, manager: Engine): Promise<void> {
  await updateMember(manager, id, { role: "worker" });
  await waitFor(engine, ({ isManager }) => !isManager);
}

/** One that answers, other than the node itself. */
function managerFor(node: string | undefined, context: SwarmContext): Engine {
  const name = [...context.managers].find((manager) => manager !== node);
  if (name === undefined) throw new Error("a swarm without a manager");
  return engineOf(name, context);
}

function engineOf(node: string, { engines }: SwarmContext): Engine {
  const engine = engines.get(node);
  if (!engine) throw new Error(`not connected to ${node}`);
  return engine;
}

/** Milliseconds that a swarm may take to settle. */
const settleTimeout = 30_000;
const pause = 100;

async function waitFor(
  engine: Engine,
  isReached: (membership: SwarmMembership) => boolean,
): Promise<void> {
  const end = performance.now() + settleTimeout;
  while (!isReached(await swarmMembership(engine))) {
    if (performance.now() > end)
      throw new ReynsError("ENGINE_REFUSED", "the swarm has not settled within 30 s");
    await Bun.sleep(pause);
  }
}

/** Repeats what the Engine refuses for as long as its swarm settles. */
async function retryUntil(attempt: () => Promise<void>): Promise<void> {
  const end = performance.now() + settleTimeout;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (errorStatus(error) === undefined || performance.now() > end) throw error;
    }
    await Bun.sleep(pause);
  }
}
