import { removeContainer, stopContainer } from "../../../docker/containers/containers.ts";
import {
  listNetworks,
  removeNetwork,
  listNetworkUsers,
  type NetworkSummary,
} from "../../../docker/networks.ts";
import { removeVolume } from "../../../docker/volumes.ts";
import { ReynsError } from "../../../errors.ts";
import { labels } from "../../../model/labels.ts";
import { networkNameOf } from "../../../model/resource-names.ts";
import type { RemoveInstance, RemoveNetwork, StopInstance } from "../../../model/steps.ts";
import { summarizeList } from "../../../lib/summarize-list.ts";
import { deregisterInstance } from "../../dns/register.ts";
import { removeCopySource } from "../../instances/persistence.ts";
import type { RuntimeContext } from "../../context.ts";

/** A DNS that cannot be told must not keep an instance from going. */
async function deregisterStep(
  { deregister, host }: StopInstance | RemoveInstance,
  { dns, emit }: RuntimeContext,
): Promise<void> {
  if (!deregister) return;
  try {
    await deregisterInstance(deregister, dns);
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    emit({
      kind: "warning",
      message: `${host}: its names may stay in the DNS at ${deregister.server}: ${error.message}`,
    });
  }
}

export async function stopStep(step: StopInstance, context: RuntimeContext): Promise<undefined> {
  await deregisterStep(step, context);
  await stopContainer(context.engine, step.containerId);
}

/** Stops before it removes, so that what runs inside can end in order. */
export async function removeStep(
  step: RemoveInstance,
  context: RuntimeContext,
): Promise<undefined> {
  await deregisterStep(step, context);
  await stopContainer(context.engine, step.containerId);
  // The one that is found by its label last: a call that is killed here is no end of it.
  await removeCopySource(context.engine, step.containerId);
  await removeContainer(context.engine, step.containerId);
  if (step.temporaryVolume !== undefined) await removeVolume(context.engine, step.temporaryVolume);
}

/** Says of one that is still used that it stays. */
export async function removeNetworkStep(
  step: RemoveNetwork,
  { engine, emit }: RuntimeContext,
): Promise<string | undefined> {
  const networks = await listNetworks(engine);
  const own = networks.find((one) => one.name === step.name && hasOwnLabels(one));
  if (!own || (await removeNetwork(engine, own.id))) return undefined;
  const users = await listNetworkUsers(engine, own.id);
  const why =
    users.length > 0
      ? `still used by ${summarizeList(users, 3)}`
      : "the Engine has not noticed that its last user is gone, which a restart of the Engine mends";
  emit({ kind: "warning", message: `the network ${step.name} stays: ${why}` });
  return "stays";
}

/** Of that project and folder, and not something else that has the name. */
function hasOwnLabels({ name, labels: own }: NetworkSummary): boolean {
  const [project = "", folder = ""] = [own[labels.project], own[labels.folder]];
  return networkNameOf({ name: project, folder }) === name;
}
