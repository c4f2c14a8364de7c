import { errorStatus } from "../../../docker/client/errors.ts";
import type { Engine } from "../../../docker/client/engine.ts";
import { createNetwork, listNetworks } from "../../../docker/networks.ts";
import type { CreateNetwork } from "../../../model/steps.ts";
import type { StepContext } from "../../context.ts";
import { replaceNetwork } from "../../networks/replace.ts";

/** Creates a network of the project, or uses the one that another run has just created. */
export async function createNetworkStep(
  step: CreateNetwork,
  context: StepContext,
): Promise<string | undefined> {
  const { engine, signal } = context;
  const note = step.pools.flatMap(({ subnet }) => subnet ?? []).join(", ") || undefined;
  if (step.replaces) {
    const replacing = replaceNetwork(step, step.replaces, context);
    context.holdExit(replacing);
    await replacing;
    return note;
  }
  try {
    await createNetwork(engine, step);
  } catch (error) {
    const isRefused = errorStatus(error) !== undefined;
    if (!isRefused || !(await waitUntilListed(step, engine, signal))) throw error;
  }
  return note;
}

const listingTimeoutMs = 3000;

/** The Engine refuses a subnet some time before it lists the network that uses it. */
async function waitUntilListed(
  { name, pools }: CreateNetwork,
  engine: Engine,
  signal: AbortSignal,
): Promise<boolean> {
  const isListed = async (): Promise<boolean> =>
    (await listNetworks(engine)).some(
      (network) =>
        network.name === name &&
        pools.every(({ subnet }) => subnet === undefined || network.subnets.includes(subnet)),
    );
  const limit = AbortSignal.any([signal, AbortSignal.timeout(listingTimeoutMs)]);
  while (!limit.aborted) {
    if (await isListed()) return true;
    await Bun.sleep(20);
  }
  return false;
}
