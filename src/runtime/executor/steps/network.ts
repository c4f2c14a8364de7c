import type { Engine } from "../../../docker/client/connect.ts";
import { createNetwork, listNetworks } from "../../../docker/networks.ts";
import { errorStatus } from "../../../docker/client/errors.ts";
import type { CreateNetwork } from "../../../model/steps.ts";
import type { RuntimeContext } from "../../context.ts";

/** Milliseconds within which another run's network has to be listed. */
const listingTimeoutMs = 3000;

/** Creates the project's network. When another run has just made the same one, that one is taken. */
export async function createNetworkStep(
  step: CreateNetwork,
  { engine, signal }: RuntimeContext,
): Promise<string> {
  try {
    await createNetwork(engine, step);
  } catch (error) {
    if (errorStatus(error) === undefined || !(await waitUntilListed(step, engine, signal)))
      throw error;
  }
  return step.subnet;
}

/** The Engine refuses a subnet some time before it lists the network that has taken it. */
async function waitUntilListed(
  step: CreateNetwork,
  engine: Engine,
  signal: AbortSignal,
): Promise<boolean> {
  for (const end = performance.now() + listingTimeoutMs; !signal.aborted;) {
    const networks = await listNetworks(engine);
    if (networks.some(({ name, subnets }) => name === step.name && subnets.includes(step.subnet)))
      return true;
    if (performance.now() > end) break;
    await Bun.sleep(20);
  }
  return false;
}
