import type { Engine } from "../../docker/client/engine.ts";
import { errorStatus } from "../../docker/client/errors.ts";
import { swarmMembership } from "../../docker/swarm.ts";
import { ReynsError } from "../../errors.ts";
import type { SwarmMembership } from "../../model/swarm.ts";

/** Milliseconds that a swarm may take to settle. */
const settleTimeout = 30_000;
const pause = 100;

/** @throws ReynsError ENGINE_REFUSED when the swarm does not settle in time */
export async function waitForMembership(
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
export async function retryUntilSettled(attempt: () => Promise<void>): Promise<void> {
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
