import type { Engine } from "../../docker/client/engine.ts";
import { errorStatus } from "../../docker/client/errors.ts";
import {
  initSwarm,
  joinSwarm,
  leaveSwarm,
  listMembers,
  swarmMembership,
  updateMember,
} from "../../docker/swarm.ts";
import { errorWith, ReynsError } from "../../errors.ts";
import {
  swarmPorts,
  type RecordedJoin,
  type SwarmChange,
  type SwarmMembership,
} from "../../model/swarm.ts";
import { forgetJoin, recordJoin } from "./recorded-joins.ts";
import { retryUntilSettled, waitForMembership } from "./settle.ts";
import { managerFor, type SwarmContext } from "./swarm-context.ts";

export async function beginSwarm(
  { node, address }: SwarmChange,
  engine: Engine,
  context: SwarmContext,
): Promise<void> {
  const { pool, owner } = context;
  await recorded({ node, address, swarm: undefined }, context, () =>
    initSwarm(engine, { address, pool, owner }),
  );
  context.managers.add(node);
  await markMember(node, engine, context);
}

/** Joins as a worker, also what becomes a manager: one that fails on the way would count as a manager that is lost. */
export async function joinAsMember(
  { node, address, role }: Extract<SwarmChange, { kind: "join" }>,
  engine: Engine,
  context: SwarmContext,
): Promise<void> {
  const manager = managerFor(undefined, context);
  const managers = await managerAddresses(manager);
  // What an earlier call has begun.
  await takeBack(engine);
  const { swarm = "" } = await swarmMembership(manager);
  try {
    await recorded({ node, address, swarm }, context, () =>
      requestJoin(engine, manager, { address, managers }),
    );
  } catch (error) {
    throw withPortsHint(error, managers);
  }
  await markMember(node, engine, context);
  if (role === "manager") await promote(node, engine, context);
}

/** A call that is killed leaves the record, by which the next one knows the member as the project's. */
async function recorded(
  join: RecordedJoin,
  { stateFolder }: SwarmContext,
  request: () => Promise<void>,
): Promise<void> {
  recordJoin(stateFolder, join);
  try {
    await request();
  } catch (error) {
    if (errorStatus(error) !== undefined && !goesOn(error)) forgetJoin(stateFolder, join.node);
    throw error;
  }
}

async function requestJoin(
  engine: Engine,
  manager: Engine,
  options: Parameters<typeof joinSwarm>[2],
): Promise<void> {
  let isAccepted = false;
  try {
    await joinSwarm(engine, manager, options);
    isAccepted = true;
    await waitForMembership(engine, ({ state }) => state === "active");
  } catch (error) {
    // Another request than this call's is nothing to end: the machine may be in somebody's swarm by now.
    if (isAccepted || goesOn(error)) await takeBack(engine).catch(() => {});
    throw error;
  }
}

/** The Engine tries on after this answer, whose status is that of a machine which is in a swarm already. */
function goesOn(error: unknown): boolean {
  return error instanceof Error && /timeout was reached before node joined/i.test(error.message);
}

/** Ends a request that nobody has answered, and never a membership. */
async function takeBack(engine: Engine): Promise<void> {
  if (isUnanswered(await swarmMembership(engine))) await leaveSwarm(engine, false);
}

function isUnanswered({ state, memberId }: SwarmMembership): boolean {
  return state === "pending" && memberId === "";
}

/** Writes into the swarm whose member it is. */
export async function markMember(
  node: string,
  engine: Engine,
  context: SwarmContext,
): Promise<void> {
  const { memberId } = await swarmMembership(engine);
  const joinedBy = context.owner;
  // Meanwhile the swarm may change it, too.
  await retryUntilSettled(() =>
    updateMember(managerFor(undefined, context), memberId, { joinedBy }),
  );
  forgetJoin(context.stateFolder, node);
}

/** One that the other managers do not reach stays a worker. */
export async function promote(node: string, engine: Engine, context: SwarmContext): Promise<void> {
  const manager = managerFor(node, context);
  const managers = await managerAddresses(manager);
  const { memberId } = await swarmMembership(engine);
  await retryUntilSettled(() => updateMember(manager, memberId, { role: "manager" }));
  try {
    await waitForMembership(engine, ({ isManager }) => isManager);
  } catch (error) {
    await updateMember(manager, memberId, { role: "worker" }).catch(() => {});
    if (!(error instanceof ReynsError)) throw error;
    const message = `has joined, but does not become a manager: ${error.message}`;
    throw withPortsHint(errorWith(error, { message }), managers);
  }
  context.managers.add(node);
}

async function managerAddresses(manager: Engine): Promise<string[]> {
  const members = await listMembers(manager);
  return members
    .filter(({ role, state }) => role === "manager" && state === "ready")
    .map(({ address }) => address);
}

function withPortsHint(error: unknown, managers: readonly string[]): unknown {
  if (!(error instanceof ReynsError)) return error;
  const hint = `check that ${managers.join(", ")} can be reached from it, and it from there, at the ports ${swarmPorts}; then call it again`;
  return errorWith(error, { hint });
}
