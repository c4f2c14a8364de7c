import { errorStatus } from "../../../docker/client/errors.ts";
import type { Engine } from "../../../docker/client/engine.ts";
import { createNetwork, listNetworks, type NetworkSummary } from "../../../docker/networks.ts";
import { ReynsError } from "../../../errors.ts";
import { overlaps, parseRange, type Ipv4Range } from "../../../lib/ipv4-range.ts";
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
    if (errorStatus(error) === undefined) throw error;
    const user = await findUser(step, engine, signal);
    if (user === "another network") throw outdated(step, error);
    if (user === undefined) throw error;
  }
  return note;
}

const listingTimeoutMs = 3000;

/** Who has the subnets of a step. The Engine refuses a subnet some time before it lists the network that uses it. */
async function findUser(
  step: CreateNetwork,
  engine: Engine,
  signal: AbortSignal,
): Promise<"this network" | "another network" | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(listingTimeoutMs)]);
  while (!limit.aborted) {
    const networks = await listNetworks(engine);
    if (networks.some((network) => isOf(step, network))) return "this network";
    if (networks.some((network) => takesChosen(step, network))) return "another network";
    await Bun.sleep(20);
  }
  return undefined;
}

function isOf({ name, pools }: CreateNetwork, network: NetworkSummary): boolean {
  return (
    network.name === name &&
    pools.every(({ subnet }) => subnet === undefined || network.subnets.includes(subnet))
  );
}

/** A subnet that the definition gives stays what it is; one that Reyns has chosen can be another one. */
function takesChosen({ pools, settings }: CreateNetwork, network: NetworkSummary): boolean {
  const given = new Set(settings.ipam?.config?.map(({ subnet }) => subnet));
  const chosen = rangesOf(pools.flatMap(({ subnet }) => (given.has(subnet) ? [] : (subnet ?? []))));
  const used = rangesOf(network.subnets);
  return chosen.some((range) => used.some((other) => overlaps(range, other)));
}

function rangesOf(subnets: readonly string[]): Ipv4Range[] {
  return subnets.flatMap((subnet) => {
    const range = parseRange(subnet);
    return range ? [range] : [];
  });
}

function outdated({ title }: CreateNetwork, cause: unknown): ReynsError {
  const message = `${title}: another network has taken its subnet since the plan was made`;
  const hint = "run again: a free subnet is chosen each time";
  return new ReynsError("PLAN_OUTDATED", message, { hint, cause });
}
