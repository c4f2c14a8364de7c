import type { Engine } from "../../docker/client/engine.ts";
import { errorStatus } from "../../docker/client/errors.ts";
import { leaveSwarm, removeMember, swarmMembership, updateMember } from "../../docker/swarm.ts";
import { errorWith, ReynsError } from "../../errors.ts";
import type { SwarmChange, SwarmMember } from "../../model/swarm.ts";
import { beginSwarm, joinAsMember, markMember, promote } from "./join.ts";
import { retryUntilSettled, waitForMembership } from "./settle.ts";
import { engineOf, managerFor, type SwarmContext } from "./swarm-context.ts";

/**
 * Makes one change of a swarm.
 *
 * @throws ReynsError ENGINE_REFUSED; PLAN_OUTDATED when the machine is in another swarm by now
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
  const { node } = change;
  switch (change.kind) {
    case "init":
      return beginSwarm(change, engine, context);
    case "join":
      return joinAsMember(change, engine, context);
    case "mark":
      await requireMember(change.member, engine);
      return markMember(node, engine, context);
    case "promote":
      await requireMember(change.member, engine);
      return promote(node, engine, context);
    case "forget":
      return forget(change, managerFor(node, context));
    case "leave":
      return leave(change, engine, context);
  }
}

async function requireMember({ id }: SwarmMember, engine: Engine): Promise<void> {
  if ((await swarmMembership(engine)).memberId === id) return;
  const hint = "nothing was changed on it; call it again";
  throw new ReynsError("PLAN_OUTDATED", "it is in another swarm by now, or in none", { hint });
}

async function forget(
  { member: { id, role } }: Extract<SwarmChange, { kind: "forget" }>,
  manager: Engine,
): Promise<void> {
  if (role === "manager")
    await retryUntilSettled(() => updateMember(manager, id, { role: "worker" }));
  // The managers need a moment to do without it.
  await retryUntilSettled(() => removeMember(manager, id));
}

async function leave(
  { node, member, ends, isLast }: Extract<SwarmChange, { kind: "leave" }>,
  engine: Engine,
  context: SwarmContext,
): Promise<void> {
  if (member) await requireMember(member, engine);
  const isManager = context.managers.delete(node);
  if (isLast || !member) return leaveSwarm(engine, true);
  // The other managers may be no nodes of the project: it asks them itself for as long as it is one.
  const other = context.managers.size > 0 ? managerFor(node, context) : undefined;
  try {
    if (isManager) await demote(member.id, engine, other ?? engine);
  } catch (error) {
    // Too few managers are left to agree on it, and none is needed any more.
    if (!ends || errorStatus(error) === undefined) throw error;
  }
  await leaveSwarm(engine, ends);
  if (!ends && other) await retryUntilSettled(() => removeMember(other, member.id));
}

async function demote(id: string, engine: Engine, manager: Engine): Promise<void> {
  await updateMember(manager, id, { role: "worker" });
  await waitForMembership(engine, ({ isManager }) => !isManager);
}
