import { inspectContainer, removeContainer } from "../../docker/containers/containers.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { editService, inspectService } from "../../docker/services/services.ts";
import type { Service } from "../../docker/services/types.ts";
import { errorWith, ReynsError, ReynsErrors } from "../../errors.ts";
import { labels } from "../../model/labels.ts";
import type { StartInstance } from "../../model/steps.ts";
import type { StepContext } from "../context.ts";
import { startStep } from "../executor/steps/start.ts";
import { removeServiceStep, stopServiceStep } from "./lifecycle.ts";
import { waitForTasks } from "./wait.ts";

type ServiceReplacement = StartInstance & { readonly removes: string };

/**
 * Puts a container in the place of a service, which serves on until the container is ready. Only if both publish the same
 * port, its tasks are stopped before. If the container does not become ready, or the call is interrupted, it is removed, and
 * the service has its tasks again.
 *
 * @throws ReynsError the failure of the container, with what serves now
 */
export async function replaceByContainer(
  step: ServiceReplacement,
  context: StepContext,
): Promise<string> {
  const { engine } = context;
  const { removes: id, host } = step;
  const own = { ...step, removes: undefined };
  const service = await inspectService(engine, id);
  if (!service) return startStep(own, context);
  const stops = sharesPorts(step, service) && service.spec.Mode.Replicated.Replicas > 0;
  // An interruption in between would leave nothing that serves.
  const serving = Promise.withResolvers<void>();
  context.holdExit(serving.promise);
  try {
    if (stops) {
      context.emit({ kind: "stopping", step, phase: "stopping the tasks of the service" });
      await stopServiceStep({ host, containerId: id }, context);
      if (context.signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
    }
    await removeNew(step, engine);
    const address = await startStep(own, context);
    await removeServiceStep({ containerId: id, host }, context);
    return address;
  } catch (error) {
    throw await goBack(step, context, { error, stopped: stops ? service : undefined });
  } finally {
    serving.resolve();
  }
}

/** Whether a task and the container would want the same port of one machine. */
function sharesPorts({ spec: { ports } }: StartInstance, { spec }: Service): boolean {
  const published = spec.EndpointSpec?.Ports ?? [];
  return ports.some(({ host, kept = host, protocol }) =>
    published.some((port) => port.PublishedPort === kept && port.Protocol === protocol),
  );
}

interface FailedReplacement {
  readonly error: unknown;
  /** The service, where its tasks have been stopped. */
  readonly stopped: Service | undefined;
}

/** Goes back to the service; returns the error to throw. */
async function goBack(
  step: ServiceReplacement,
  context: StepContext,
  { error, stopped }: FailedReplacement,
): Promise<unknown> {
  const { engine } = context;
  const { host } = step;
  try {
    await removeNew(step, engine);
    const isInterruption = error instanceof ReynsError && error.code === "INTERRUPTED";
    if (stopped) await scaleBack(stopped, engine);
    context.markRestored();
    if (!(error instanceof ReynsError) || isInterruption) return error;
    const reason = stopped && (await waitForService(step, stopped, context));
    const serves = stopped ? "serves again" : "serves on";
    const state =
      reason === undefined ? serves : `has its tasks again, but they are not ready: ${reason}`;
    return errorWith(error, {
      hint: `the former service of ${host} ${state}; fix the cause, then run it again`,
    });
  } catch (cause) {
    if (!(error instanceof ReynsError) || !(cause instanceof ReynsError)) return error;
    const message = `${host}: its former service could not be brought back: ${cause.message}`;
    const hint = "nothing serves it now; run it again";
    return new ReynsErrors([error, new ReynsError("START_FAILED", message, { hint, cause })]);
  }
}

/** The container that has not become ready, or that a call that was killed has left; nothing else that has its name. */
async function removeNew({ spec }: ServiceReplacement, engine: Engine): Promise<void> {
  const found = await inspectContainer(engine, spec.name);
  const own = [labels.project, labels.folder, labels.instance];
  const isOwn = own.every((label) => found?.labels[label] === spec.labels[label]);
  if (found && isOwn) await removeContainer(engine, spec.name);
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
