import { findImageReference, imageDefaults } from "../../docker/images/images.ts";
import { removeFiles, storeFiles, type SwarmFile } from "../../docker/services/files.ts";
import { needsLogDriver, serviceSpec } from "../../docker/services/service-spec.ts";
import { defaultLogDriver } from "../../docker/system.ts";
import type { ServiceSpec } from "../../docker/services/types.ts";
import { ReynsError, throwAll } from "../../errors.ts";
import type { ContainerSpec } from "../../model/container-spec.ts";
import { labels } from "../../model/labels.ts";
import type { StartInstance } from "../../model/steps.ts";
import type { SwarmSettings } from "../../model/swarm-service.ts";
import { taskVolumeErrors } from "../../model/task-volumes.ts";
import type { StepContext } from "../context.ts";
import { withKeysLabel } from "../instances/create.ts";
import { withKeyedLabels } from "../instances/keyed-labels.ts";
import { ensureKeys } from "../keys/store.ts";
import { secretParts } from "../secrets.ts";
import { swarmFiles } from "./files.ts";
import { warnOfLocalImage } from "./local-image.ts";
import { leaveSwarmMarker } from "./marker.ts";
import { replaceByService, type Deploy } from "./replace-container.ts";
import { sendService } from "./send.ts";
import { waitForTasks } from "./wait.ts";

/**
 * Hands an instance to Docker Swarm, or changes the service that it is, and waits until its tasks run.
 *
 * @throws ReynsError START_FAILED, NOT_READY
 */
export async function deployStep(
  step: StartInstance,
  swarm: SwarmSettings,
  context: StepContext,
): Promise<undefined> {
  const { engine, emit, stateFolder, keysFolder } = context;
  emit({ kind: "phase", step, phase: "creating" });
  const prepared = await prepare(step, await ensureKeys(keysFolder), context);
  const { spec, image } = prepared;
  if (image.reference === image.id)
    await warnOfLocalImage({ ...image, ...namesOf(step, swarm) }, context);
  leaveSwarmMarker(stateFolder, spec.name);
  const ownFiles = [`${labels.service}=${spec.name}`];
  try {
    const bodyFor = await requestFor(prepared, swarm, context);
    let kept: ReadonlySet<string> = new Set();
    const deploy: Deploy = async (onSent) => {
      kept = new Set(fileIds(await sendAndWait(step, { bodyFor, onSent }, context)));
    };
    const { removes } = step;
    if (removes === undefined) await deploy();
    else await replaceByService({ ...step, removes }, context, deploy);
    await removeFiles(engine, ownFiles, ({ id }) => kept.has(id));
  } catch (error) {
    // Those of a service that is there stay: Swarm refuses to remove them.
    if (step.predecessor === undefined) await removeFiles(engine, ownFiles).catch(() => {});
    throw error;
  }
  return undefined;
}

function namesOf({ host, spec: { image } }: StartInstance, { placement }: SwarmSettings) {
  return { host, name: image, constraints: placement.constraints };
}

/** The request with the number of its update. */
type BodyFor = Parameters<typeof sendService>[1];

/** Stores the files, and makes the request of what has been prepared. */
async function requestFor(
  { spec, image, files }: Prepared,
  swarm: SwarmSettings,
  { engine }: StepContext,
): Promise<BodyFor> {
  const owner = { ...ownerLabels(spec), [labels.service]: spec.name };
  const references = await storeFiles(engine, files, owner);
  const logDriver = needsLogDriver(spec) ? await defaultLogDriver(engine) : undefined;
  return (forceUpdate) =>
    serviceSpec(labelled(spec, swarm, image.id), swarm, {
      ...{ image: image.reference, files: references, taskLabels: taskLabels(spec) },
      ...{ forceUpdate, logDriver },
    });
}

interface Sending {
  readonly bodyFor: BodyFor;
  /** Receives the id of the service. */
  readonly onSent: ((id: string) => Promise<void>) | undefined;
}

async function sendAndWait(
  step: StartInstance,
  { bodyFor, onSent }: Sending,
  context: StepContext,
): Promise<ServiceSpec> {
  const { engine, emit, signal } = context;
  const { id, change, body } = await sendService(step, bodyFor, engine);
  await onSent?.(id);
  context.markStarted();
  const onPhase = (phase: string): void => emit({ kind: "phase", step, phase });
  await waitForTasks(
    { id, host: step.host, timeout: step.timeout, change, update: body.TaskTemplate.ForceUpdate },
    { engine, signal, onPhase },
  );
  return body;
}

interface Prepared {
  readonly spec: ContainerSpec;
  readonly image: NonNullable<Awaited<ReturnType<typeof findImageReference>>>;
  readonly files: readonly SwarmFile[];
}

async function prepare(
  step: StartInstance,
  keys: string,
  { engine, keysFolder }: StepContext,
): Promise<Prepared> {
  const keyed = withKeysLabel(await withKeyedLabels(step, keysFolder), keys);
  const image = await findImageReference(engine, keyed.image);
  if (!image)
    throw new ReynsError("START_FAILED", `${step.host}: the image ${keyed.image} is not here`);
  const defaults = await imageDefaults(engine, keyed.image);
  // An image that the call has built or pulled was not there to be checked before.
  throwAll(taskVolumeErrors(step, defaults.volumes));
  const { spec, files: variables } = secretParts(keyed, defaults);
  const hasEntrypoint = image.labels[labels.base] === "true";
  const files = await swarmFiles(spec, { keysFolder, hasEntrypoint, variables });
  return { spec, image, files };
}

/** The labels by which the service is found as an instance. */
function labelled(spec: ContainerSpec, { replicas }: SwarmSettings, image: string): ContainerSpec {
  const swarm = JSON.stringify({ replicas, image });
  return { ...spec, labels: { ...spec.labels, [labels.swarm]: swarm } };
}

function ownerLabels({ labels: values }: ContainerSpec): Record<string, string> {
  const names = [labels.project, labels.folder];
  return Object.fromEntries(names.map((name) => [name, values[name] ?? ""]));
}

/** A task is no instance of its own: its container has the labels of the definition, and those that say whose it is. */
function taskLabels(spec: ContainerSpec): Record<string, string> {
  const own = Object.entries(spec.labels).filter(([name]) => !name.startsWith("io.reyns."));
  return { ...Object.fromEntries(own), ...ownerLabels(spec), [labels.role]: "task" };
}

function fileIds({ TaskTemplate: { ContainerSpec } }: ServiceSpec): string[] {
  const { Secrets = [], Configs = [] } = ContainerSpec;
  return [...Secrets, ...Configs].flatMap(({ SecretID, ConfigID }) => SecretID ?? ConfigID ?? []);
}
