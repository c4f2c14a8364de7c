import { errorStatus } from "../../../docker/client/errors.ts";
import type { Engine } from "../../../docker/client/engine.ts";
import { createNetwork, listNetworks } from "../../../docker/networks.ts";
import type { CreateNetwork } from "../../../model/steps.ts";
import type { RuntimeContext } from "../../context.ts";

/** Creates the project's network, or uses the one that another run has just created. */
export async function createNetworkStep(
  step: CreateNetwork,
  { engine, signal }: RuntimeContext,
): Promise<string> {
  try {
    await createNetwork(engine, step);
  } catch (error) {
    const isRefused = errorStatus(error) !== undefined;
    if (!isRefused || !(await waitUntilListed(step, engine, signal))) throw error;
  }
  return step.subnet;
}

const listingTimeoutMs = 3000;

/** The Engine refuses a subnet some time before it lists the network that uses it. */
async function waitUntilListed(
  { name, subnet }: CreateNetwork,
  engine: Engine,
  signal: AbortSignal,
): Promise<boolean> {
  const isListed = async (): Promise<boolean> =>
    (await listNetworks(engine)).some(
      (network) => network.name === name && network.subnets.includes(subnet),
    );
  const limit = AbortSignal.any([signal, AbortSignal.timeout(listingTimeoutMs)]);
  while (!limit.aborted) {
    if (await isListed()) return true;
    await Bun.sleep(20);
  }
  return false;
}
