import type { Engine } from "../../../docker/client/engine.ts";
import { inspectContainer, removeContainer } from "../../../docker/containers/containers.ts";
import {
  listNetworks,
  listNetworkUsers,
  removeNetwork,
  type NetworkSummary,
} from "../../../docker/networks.ts";
import { removeVolume } from "../../../docker/volumes.ts";
import { ReynsError } from "../../../errors.ts";
import { summarizeList } from "../../../lib/summarize-list.ts";
import { belongsTo } from "../../../model/labels.ts";
import type { RemoveInstance, RemoveNetwork, StopInstance } from "../../../model/steps.ts";
import type { RuntimeContext, StepContext } from "../../context.ts";
import { deregisterInstance } from "../../dns/register.ts";
import { forgetUpstreams, takeOut } from "../../router/upstreams.ts";
import { forgetVersions } from "../../versions/record.ts";
import { drainContainer } from "../../router/drain.ts";
import { stopWithHooks } from "../../instances/hooks.ts";
import { removeCopySource } from "../../instances/persistence.ts";
import { removeKeepingData } from "../../instances/remove-keeping-data.ts";

export async function stopStep(step: StopInstance, context: StepContext): Promise<undefined> {
  await Promise.all([deregister(step, context), takeOut(step, context)]);
  await stop(step, context);
}

/** Most containers end sooner; the others are ending for as long as their grace period, 10 s by default. */
const usualStopMs = 250;

/** A container that ignores SIGTERM keeps no other one waiting, or 200 of them would take minutes. */
async function stop(step: StopInstance | RemoveInstance, context: StepContext): Promise<void> {
  const { engine, waitAside, emit } = context;
  const stopping = stopWithHooks(engine, step.containerId, step, context);
  const isSlow = Bun.sleep(usualStopMs).then(() => true);
  if (!(await Promise.race([stopping.then(() => false), isSlow]))) return;
  emit({ kind: "phase", step, phase: "it has not ended yet" });
  await waitAside(stopping);
  emit({ kind: "phase", step, phase: "waiting for the Engine" });
}

/** Stops the container before it is removed, so that its processes can end cleanly. */
export async function removeStep(step: RemoveInstance, context: StepContext): Promise<undefined> {
  const { engine } = context;
  if (step.requiresStopped) await requireStopped(step, engine);
  await Promise.all([deregister(step, context), forgetUpstreams(step, context)]);
  const { draining, containerId, host } = step;
  if (draining)
    await context.waitAside(drainContainer({ ...draining, containerId, host }, context));
  await stop(step, context);
  if (step.keepsData) await removeKeepingData(engine, step.containerId);
  // The container that its labels identify goes last, so that a call that is killed here can be repeated.
  await removeCopySource(engine, step.containerId);
  await removeContainer(engine, step.containerId, { keepsVolumes: step.keepsVolumes ?? false });
  if (step.temporaryVolume !== undefined) await removeVolume(engine, step.temporaryVolume);
  if (step.project) await forgetVersions(step.host, step.project, context);
}

/** @throws ReynsError PLAN_OUTDATED for a container that runs: somebody has started it meanwhile */
async function requireStopped(step: RemoveInstance, engine: Engine): Promise<void> {
  const details = await inspectContainer(engine, step.containerId);
  if (!details?.running) return;
  throw new ReynsError("PLAN_OUTDATED", `${step.title} was started meanwhile, and stays`, {
    hint: "to remove what runs as well, leave stopped=true out",
  });
}

/** Neither a DNS that does not answer nor an interruption keeps an instance from being stopped. */
export async function deregister(
  { deregister: registration, host }: Pick<StopInstance, "deregister" | "host">,
  { dns, emit, signal }: RuntimeContext,
): Promise<void> {
  if (!registration) return;
  try {
    await deregisterInstance(registration, dns, signal);
  } catch (error) {
    if (!(error instanceof ReynsError) && !signal.aborted) throw error;
    const reason = error instanceof ReynsError ? error.message : "interrupted";
    const message = `${host}: not deregistered from the DNS at ${registration.server}, its names may stay: ${reason}`;
    emit({ kind: "warning", message });
  }
}

/** A network that is still in use stays, with a warning. */
export async function removeNetworkStep(
  step: RemoveNetwork,
  { engine, emit }: RuntimeContext,
): Promise<string | undefined> {
  const networks = await listNetworks(engine);
  const network = networks.find(({ name }) => name === step.name);
  if (!network || !belongsTo(network.labels, step.project)) return undefined;
  const outcome = await removeUnused(engine, network);
  if (outcome === "removed") return undefined;
  if (outcome === "listed") {
    const message = `the network ${step.name} is removed, but a manager of the swarm still lists it: wait a moment before the next run`;
    emit({ kind: "warning", message });
    return undefined;
  }
  const users = await listNetworkUsers(engine, network.id);
  const reason =
    users.length > 0
      ? `still used by ${summarizeList(users, 3)}`
      : "the Engine still counts a container that is gone; restarting the Engine fixes that";
  emit({ kind: "warning", message: `the network ${step.name} stays: ${reason}` });
  return "stays";
}

/** Milliseconds that the managers of a swarm may need to see what has ended on other machines. */
const releaseMs = 15_000;
const pauseMs = 200;

/** `listed`: removed, and a manager still lists it. */
type NetworkRemoval = "removed" | "used" | "listed";

async function removeUnused(
  engine: Engine,
  { id, isSpanning }: NetworkSummary,
): Promise<NetworkRemoval> {
  const end = performance.now() + (isSpanning ? releaseMs : 0);
  while (!(await removeNetwork(engine, id))) {
    if (performance.now() >= end) return "used";
    await Bun.sleep(pauseMs);
  }
  if (!isSpanning) return "removed";
  // A manager lists it for some time after that, and the next run would count on it.
  while (await isListed(engine, id)) {
    if (performance.now() >= end) return "listed";
    await Bun.sleep(pauseMs);
  }
  return "removed";
}

async function isListed(engine: Engine, network: string): Promise<boolean> {
  return (await listNetworks(engine)).some(({ id }) => id === network);
}
