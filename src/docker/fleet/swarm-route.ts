import type { Engine, EngineRequest, FleetMember } from "../client/engine.ts";
import { swarmMembership } from "../swarm.ts";

/** Finds the Engine that answers a request: for one about the services of a swarm, a manager of it. */
export type SwarmRoute = (request: EngineRequest, own: Engine) => Promise<Engine>;

const servicePath = /^\/(?:services|tasks|secrets|configs|nodes)\b/;

/** Looks for a manager once, and only when something asks for services; without one, each Engine answers itself. */
export function createSwarmRoute(members: readonly FleetMember[]): SwarmRoute {
  let manager: Promise<Engine | undefined> | undefined;
  return async ({ path }, own) => {
    if (!servicePath.test(path)) return own;
    manager ??= findManager(members);
    return (await manager) ?? own;
  };
}

async function findManager(members: readonly FleetMember[]): Promise<Engine | undefined> {
  const found = await Promise.all(
    members.map(async ({ engine }) => {
      const membership = await swarmMembership(engine).catch(() => undefined);
      return membership?.isManager === true && membership.problem === undefined;
    }),
  );
  return members.find((_, index) => found[index])?.engine;
}
