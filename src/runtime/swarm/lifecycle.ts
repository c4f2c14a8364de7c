import type { Engine } from "../../docker/client/engine.ts";
import { listMembers } from "../../docker/swarm.ts";
import { removeFiles } from "../../docker/services/files.ts";
import {
  inspectService,
  listTasks,
  removeService,
  updateService,
} from "../../docker/services/services.ts";
import type { Service } from "../../docker/services/types.ts";
import { ReynsError } from "../../errors.ts";
import { labels, parseLabel } from "../../model/labels.ts";
import type {
  AwaitInstance,
  RemoveInstance,
  RestartInstance,
  StopInstance,
} from "../../model/steps.ts";
import type { StepContext } from "../context.ts";
import { hasEnded } from "./failures.ts";
import { nextUpdate } from "./next-update.ts";
import { waitForTasks, type AwaitedService } from "./wait.ts";

/** Makes the tasks anew as an update does, or starts as many as there were before the stop. */
export async function restartServiceStep(
  step: RestartInstance,
  context: StepContext,
): Promise<undefined> {
  const { engine } = context;
  const service = await requireService(step, engine);
  const { TaskTemplate, Mode } = service.spec;
  const { Replicas } = Mode.Replicated;
  const isUp = Replicas > 0;
  const update = await nextUpdate(engine, service);
  await updateService(engine, service, {
    ...service.spec,
    Mode: { Replicated: { Replicas: isUp ? Replicas : definedReplicas(service) } },
    TaskTemplate: { ...TaskTemplate, ForceUpdate: update },
  });
  context.markStarted();
  return awaitTasks(step, { change: isUp ? "updated" : "created", update }, context);
}

/** Waits for the tasks of a service that another call has handed over. */
export async function awaitServiceStep(
  step: AwaitInstance,
  context: StepContext,
): Promise<undefined> {
  context.markStarted();
  return awaitTasks(step, { change: "none" }, context);
}

async function awaitTasks(
  step: RestartInstance | AwaitInstance,
  change: Pick<AwaitedService, "change" | "update">,
  { engine, signal, emit }: StepContext,
): Promise<undefined> {
  const { containerId: id, host, timeout } = step;
  const onPhase = (phase: string): void => emit({ kind: "phase", step, phase });
  await waitForTasks({ id, host, timeout, ...change }, { engine, signal, onPhase });
  return undefined;
}

/** Leaves the service without tasks. */
export async function stopServiceStep(
  step: StopInstance,
  { engine, waitAside }: StepContext,
): Promise<undefined> {
  const service = await requireService(step, engine);
  const spec = { ...service.spec, Mode: { Replicated: { Replicas: 0 } } };
  await updateService(engine, service, spec);
  await waitAside(waitUntilEnded(engine, service.id));
  return undefined;
}

export async function removeServiceStep(
  { containerId: id }: Pick<RemoveInstance, "containerId">,
  { engine, waitAside }: Pick<StepContext, "engine" | "waitAside">,
): Promise<undefined> {
  const service = await inspectService(engine, id);
  if (!service) return undefined;
  await removeService(engine, id);
  // Its tasks would keep its networks from being removed.
  await waitAside(waitUntilEnded(engine, id));
  await removeFiles(engine, [`${labels.service}=${service.spec.Name}`], new Set());
  return undefined;
}

async function requireService(
  { containerId, host }: StopInstance | RestartInstance,
  engine: Engine,
): Promise<Service> {
  const service = await inspectService(engine, containerId);
  if (service) return service;
  throw new ReynsError("START_FAILED", `${host}: its service has been removed meanwhile`);
}

function definedReplicas({ spec: { Labels } }: Service): number {
  return parseLabel<{ readonly replicas?: number }>(Labels[labels.swarm])?.replicas ?? 1;
}

const pollMs = 200;
const longestWaitMs = 60_000;

async function waitUntilEnded(engine: Engine, service: string): Promise<void> {
  const start = performance.now();
  while (performance.now() - start < longestWaitMs) {
    const tasks = await listTasks(engine, service);
    const left = tasks.filter((task) => !hasEnded(task) && task.state !== "shutdown");
    if (left.length === 0) return;
    // A task on a node that is away ends for Swarm only when that is back.
    const ready = (await listMembers(engine)).filter(({ isReady }) => isReady);
    if (!left.some(({ node }) => node === undefined || ready.some(({ id }) => id === node))) return;
    await Bun.sleep(pollMs);
  }
}
