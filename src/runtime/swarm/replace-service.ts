import {
  inspectContainer,
  removeContainer,
  type ContainerDetails,
} from "../../docker/containers/containers.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { editService, inspectService } from "../../docker/services/services.ts";
import type { Service } from "../../docker/services/types.ts";
import { errorWith, ReynsError, ReynsErrors, withOutcome } from "../../errors.ts";
import { labels } from "../../model/labels.ts";
import type { StartInstance } from "../../model/steps.ts";
import type { StepContext } from "../context.ts";
import { startStep } from "../executor/steps/start.ts";
import { stopWithHooks } from "../instances/hooks.ts";
import { removeKeepingData } from "../instances/remove-keeping-data.ts";
import { removeServiceStep, stopServiceStep } from "./lifecycle.ts";
import { forgetService } from "./marker.ts";
import { waitForTasks } from "./wait.ts";

type ServiceReplacement = StartInstance & { readonly removes: string };

/**
 * Puts a container in the place of a service, which serves on until the container is ready. Only if both publish the same
 * port, its tasks are stopped before. If the container does not become ready, or the call is interrupted, it is removed, and
 * the service has its tasks again.
 *
 * @param start makes the container and waits until it is ready
 * @throws ReynsError the failure of the container, with what serves now; or why the service is still there
 */
export async function replaceByContainer(
  step: ServiceReplacement,
  context: StepContext,
  start: StartContainer = startStep,
): Promise<string> {
  const service = await inspectService(context.engine, step.removes);
  if (!service) return start({ ...step, removes: undefined }, context);
  const stops = sharesPorts(step, service) && isServing(service);
  // An interruption in between would leave nothing that serves.
  const serving = Promise.withResolvers<void>();
  context.holdExit(serving.promise);
  try {
    const address = await startInPlace(step, context, { service, stops, start });
    await removeFormer(step, context);
    return address;
  } finally {
    serving.resolve();
  }
}

type StartContainer = (step: StartInstance, context: StepContext) => Promise<string>;

interface Former {
  readonly service: Service;
  /** Whether its tasks have to end before the container starts. */
  readonly stops: boolean;
}

async function startInPlace(
  step: ServiceReplacement,
  context: StepContext,
  { service, stops, start }: Former & { readonly start: StartContainer },
): Promise<string> {
  const { removes: id, host } = step;
  try {
    if (stops) {
      context.emit({ kind: "stopping", step, phase: "stopping the tasks of the service" });
      await stopServiceStep({ host, containerId: id }, context);
      if (context.signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
    }
    await removeEarlier(step, context);
    return await start({ ...step, removes: undefined }, context);
  } catch (error) {
    throw await goBack(step, context, { error, service, stops });
  }
}

/** The container serves by now, and stays whatever becomes of the service. */
async function removeFormer(
  { removes: containerId, host, spec }: ServiceReplacement,
  context: StepContext,
): Promise<void> {
  try {
    await removeServiceStep({ containerId, host }, context);
    forgetService(context.stateFolder, spec.name);
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    const message = `${host}: its container is ready, but its former service, or the rest of it, could not be removed: ${error.message}`;
    throw errorWith(error, { message, hint: "run it again: that removes the rest of the service" });
  }
}

function isServing({ spec: { Mode } }: Service): boolean {
  return Mode.Replicated.Replicas > 0;
}

/** Whether a task and the container would want the same port of one machine. */
function sharesPorts({ spec: { ports } }: StartInstance, { spec }: Service): boolean {
  const published = spec.EndpointSpec?.Ports ?? [];
  return ports.some(({ host, kept = host, protocol }) =>
    published.some((port) => port.PublishedPort === kept && port.Protocol === protocol),
  );
}

/** Goes back to the service, even where the container cannot be removed; returns the error to throw. */
async function goBack(
  step: ServiceReplacement,
  context: StepContext,
  { error, service, stops }: Former & { readonly error: unknown },
): Promise<unknown> {
  const { engine } = context;
  const removal = await failureOf(removeNew(step, engine));
  const scaling = stops ? await failureOf(scaleBack(service, engine)) : undefined;
  if (scaling === undefined) context.markRestored();
  if (!(error instanceof ReynsError)) return error;
  const failures = [
    ...failed(scaling, `${step.host}: its former service could not be brought back`, {
      hint: "nothing serves it now; run it again",
    }),
    ...failed(removal, `${step.host}: its new container could not be removed`, {
      hint: "run it again: that removes it",
    }),
  ];
  if (failures.length > 0) return new ReynsErrors([error, ...failures]);
  if (error.code === "INTERRUPTED") return error;
  const state = await stateOf(step, { service, stops }, context);
  const hint = `the former service of ${step.host} ${state}; fix the cause, then run it again`;
  return withOutcome(error, hint);
}

async function failureOf(work: Promise<void>): Promise<unknown> {
  const [outcome] = await Promise.allSettled([work]);
  return outcome.status === "rejected" ? outcome.reason : undefined;
}

function failed(cause: unknown, what: string, { hint }: { readonly hint: string }): ReynsError[] {
  if (!(cause instanceof ReynsError)) return [];
  return [new ReynsError("START_FAILED", `${what}: ${cause.message}`, { hint, cause })];
}

/** What the service does now, in words. */
async function stateOf(
  step: ServiceReplacement,
  { service, stops }: Former,
  context: StepContext,
): Promise<string> {
  if (!stops) return isServing(service) ? "serves on" : "has no tasks, as before";
  const reason = await waitForService(step, service, context);
  if (reason === undefined) return "serves again";
  return `has its tasks again, but they are not ready: ${reason}`;
}

/** One that a call that was killed, or on another machine, has left may be serving, and have data. */
async function removeEarlier(step: ServiceReplacement, context: StepContext): Promise<void> {
  const { engine } = context;
  const { name } = step.spec;
  const found = await findOwn(step, engine);
  if (!found) return;
  const hooked = { host: step.host, hooks: found.labels[labels.hooks] };
  await context.waitAside(stopWithHooks(engine, name, hooked, context));
  await removeKeepingData(engine, name);
}

/** The container that has not become ready. */
async function removeNew(step: ServiceReplacement, engine: Engine): Promise<void> {
  if (await findOwn(step, engine)) await removeContainer(engine, step.spec.name);
}

/** The container of its name, unless that is something else's. */
async function findOwn(
  { spec }: ServiceReplacement,
  engine: Engine,
): Promise<ContainerDetails | undefined> {
  const found = await inspectContainer(engine, spec.name);
  const own = [labels.project, labels.folder, labels.instance];
  return own.every((label) => found?.labels[label] === spec.labels[label]) ? found : undefined;
}

async function scaleBack({ id, spec: { Mode } }: Service, engine: Engine): Promise<void> {
  await editService(engine, id, ({ spec }) => ({ ...spec, Mode }));
}

/** @returns why its tasks are not ready; undefined when they are */
async function waitForService(
  { host, timeout }: ServiceReplacement,
  { id }: Service,
  { engine, signal }: StepContext,
): Promise<string | undefined> {
  try {
    const awaited = { id, host, timeout, change: "created" } as const;
    await waitForTasks(awaited, { engine, signal, onPhase: () => {} });
    return undefined;
  } catch (error) {
    if (!(error instanceof ReynsError)) throw error;
    return error.message;
  }
}
