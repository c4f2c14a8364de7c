import { createNetwork, listNetworks } from "../../docker/networks.ts";
import { refusalStatus } from "../../docker/refusal.ts";
import type { CreateNetwork } from "../../plan/steps.ts";
import type { Context } from "../execute.ts";

/** Creates the project's network. When another run has just made the same one, that one is taken. */
export async function createNetworkStep(step: CreateNetwork, { engine }: Context): Promise<string> {
  try {
    await createNetwork(engine, step);
  } catch (error) {
    if (refusalStatus(error) === undefined) throw error;
    const networks = await listNetworks(engine);
    if (!networks.some(({ name, subnets }) => name === step.name && subnets.includes(step.subnet)))
      throw error;
  }
  return step.subnet;
}
