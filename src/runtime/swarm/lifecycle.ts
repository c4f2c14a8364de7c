import type { Engine } from "../../docker/client/engine.ts";
import { removeFiles } from "../../docker/services/files.ts";
import { editService, inspectService, removeService } from "../../docker/services/services.ts";
import type { EditedService, Service, ServiceSpec } from "../../docker/services/types.ts";
import { ReynsError } from "../../errors.ts";
import { labels, parseLabel } from "../../model/labels.ts";
import type {
  AwaitInstance,
  RemoveInstance,
  RestartInstance,
  StopInstance,
} from "../../model/steps.ts";
import type { StepContext } from "../context.ts";
import { nextUpdate } from "./next-update.ts";
import { endTasks, warnOfStopTimeout } from "./end-tasks.ts";
import { waitForTasks, type AwaitedService } from "./wait.ts";

/** Makes the tasks anew as an update does, or starts as many as there were before the stop. */
export async function restartServiceStep(
  step: RestartInstance,
  context: StepContext,
): Promise<undefined> {
  const { engine } = context;
  const { former, body } = await edit(step, engine, async (service) => {
    const { TaskTemplate, Mode } = service.spec;
    const Replicas = Mode.Replicated.Replicas || definedReplicas(service);
    return {
      ...service.spec,
      Mode: { Replicated: { Replicas } },
      TaskTemplate: { ...TaskTemplate, ForceUpdate: await nextUpdate(engine, service) },
    };
  });
  warnOfStopTimeout(former, step.host, context);
  context.markStarted();
  const change = former.spec.Mode.Replicated.Replicas > 0 ? "updated" : "created";
  return awaitTasks(step, { change, update: body.TaskTemplate.ForceUpdate }, context);
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
  step: Pick<StopInstance, "containerId" | "host">,
  context: StepContext,
): Promise<undefined> {
  const { former } = await edit(step, context.engine, ({ spec }) => ({
    ...spec,
    Mode: { Replicated: { Replicas: 0 } },
  }));
  await endTasks(former, step.host, context);
  return undefined;
}

export async function removeServiceStep(
  { containerId: id, host }: Pick<RemoveInstance, "containerId" | "host">,
  context: Pick<StepContext, "engine" | "waitAside" | "emit" | "stopTimeout">,
): Promise<undefined> {
  const { engine } = context;
  const service = await inspectService(engine, id);
  if (!service) return undefined;
  await removeService(engine, id);
  // Its tasks would keep its networks from being removed.
  await endTasks(service, host, context);
  await removeFiles(engine, [`${labels.service}=${service.spec.Name}`]);
  return undefined;
}

async function edit(
  { containerId, host }: Pick<StopInstance, "containerId" | "host">,
  engine: Engine,
  change: (service: Service) => ServiceSpec | Promise<ServiceSpec>,
): Promise<EditedService> {
  const edited = await editService(engine, containerId, change);
  if (edited) return edited;
  throw new ReynsError("START_FAILED", `${host}: its service has been removed meanwhile`);
}

function definedReplicas({ spec: { Labels } }: Service): number {
  return parseLabel<{ readonly replicas?: number }>(Labels[labels.swarm])?.replicas ?? 1;
}
