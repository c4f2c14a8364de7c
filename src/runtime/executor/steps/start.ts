import { setTimeout as sleep } from "node:timers/promises";
import {
  inspectContainer,
  renameContainer,
  renameRunning,
  stopContainer,
  unpauseContainer,
  waitUntilEnded,
} from "../../../docker/containers/containers.ts";
import { ReynsError } from "../../../errors.ts";
import { previousNameOf } from "../../../model/resource-names.ts";
import type {
  AwaitInstance,
  RestartInstance,
  SetAside,
  StartInstance,
  Step,
} from "../../../model/steps.ts";
import type { StepContext } from "../../context.ts";
import { createInstance } from "../../instances/create.ts";
import { rejectOnInterruption } from "../../instances/deadline.ts";
import { openHooks, stopWithHooks, type HookedContainer } from "../../instances/hooks.ts";
import { completeStart } from "../../instances/post-start.ts";
import { replaceContainer, resumeReplacement } from "../../instances/replace.ts";
import { replaceStartFirst } from "../../instances/start-first.ts";
import { toStartError } from "../../instances/start-errors.ts";
import { startWatched, watchContainer, type StartedContainer } from "../../instances/start.ts";
import { bringIn, setUpstreams, takeOut } from "../../router/upstreams.ts";
import { recordVersion, withFailedImage, withFormerVersion } from "../../versions/record.ts";
import { waitForReady, type ReadyRequest } from "../../instances/wait-for-ready.ts";

/** Creates and starts an instance, registers its names, and waits until it is ready. */
export function startStep(step: StartInstance, context: StepContext): Promise<string> {
  return withFormerVersion(step, context, () => startRecorded(step, context));
}

async function startRecorded(step: StartInstance, context: StepContext): Promise<string> {
  const record = (): Promise<void> => recordVersion(step, context);
  const { predecessor, replacing } = step;
  if (predecessor !== undefined && replacing?.order === "start-first")
    return replaceStartFirst({ ...step, predecessor }, context, {
      startNew: (beside, onStarted) => startNew(beside, context, onStarted),
      onServing: record,
    });
  const address = await createOrReplace(step, context);
  await record();
  return address;
}

async function createOrReplace(step: StartInstance, context: StepContext): Promise<string> {
  const { predecessor, removes } = step;
  if (predecessor === undefined && removes === undefined) return startNew(step, context, () => {});
  if (step.awaitsEnd) await awaitEnd(step, context);
  const serving = holdUntilServing(context);
  try {
    return await replace(step, context, serving.resolve);
  } finally {
    serving.resolve();
  }
}

/** Waits until the job that runs has ended; an interruption leaves it at work. */
async function awaitEnd(step: StartInstance, context: StepContext): Promise<void> {
  const { engine, emit, signal, waitAside } = context;
  const message = `${step.host} is still at work on its earlier definition: the new one runs when it has ended`;
  emit({ kind: "warning", message });
  emit({ kind: "stopping", step, phase: "waiting for the end of its earlier definition" });
  const id = step.removes ?? step.predecessor ?? "";
  const ended = waitUntilEnded(engine, id, signal);
  await waitAside(Promise.race([ended, rejectOnInterruption(signal)]));
}

/** Stops what serves now, and calls back when its successor has started. */
async function replace(
  step: StartInstance,
  context: StepContext,
  onStarted: () => void,
): Promise<string> {
  const { predecessor } = step;
  context.emit({ kind: "stopping", step, phase: "stopping the former container" });
  if (predecessor === undefined) return startNew(step, context, onStarted);
  if (step.together !== undefined) {
    const former = { host: step.host, hooks: step.formerHooks };
    await setAside(predecessor, previousNameOf(step.spec.name), former, context);
    if (context.signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
    return startNew(step, context, onStarted);
  }
  return replaceContainer({ ...step, predecessor }, context, (onSuccessor) =>
    startNew(step, context, async (id) => {
      await onSuccessor(id);
      onStarted();
    }),
  );
}

/** An interruption that came in between would leave the service down. */
function holdUntilServing({ holdExit }: StepContext): PromiseWithResolvers<void> {
  const serving = Promise.withResolvers<void>();
  holdExit(serving.promise);
  return serving;
}

async function startNew(
  step: StartInstance,
  context: StepContext,
  onStarted: (id: string) => void | Promise<void>,
): Promise<string> {
  const { engine, emit } = context;
  emit({ kind: "phase", step, phase: "creating" });
  const started = await createInstance(step, context, async (id) => {
    emit({ kind: "stopped", step });
    emit({ kind: "phase", step, phase: "starting" });
    const watched = await startWatched(engine, id, { isNew: true });
    const hooks = step.spec.hooks?.postStart ?? [];
    await completeStart({ ...step, hooks }, watched, context, (phase) =>
      emit({ kind: "phase", step, phase }),
    );
    return watched;
  });
  await onStarted(started.id);
  await waitWithPhases(step, started, context);
  if (step.routed) await setUpstreams(context, step.routed, [started.id]);
  if (step.sleep > 0) {
    emit({ kind: "phase", step, phase: `sleeping ${step.sleep} s, as set in the conf` });
    await sleep(step.sleep * 1000, undefined, { signal: context.signal }).catch(() => {});
  }
  return step.address;
}

/** Stops a container whose port another instance gets. It is brought back, or removed, with those of its circle. */
export async function setAsideStep(step: SetAside, context: StepContext): Promise<undefined> {
  const stopping = setAside(step.containerId, step.name, step, context);
  context.holdExit(stopping);
  await context.waitAside(stopping);
}

async function setAside(
  id: string,
  name: string | undefined,
  container: HookedContainer,
  context: StepContext,
): Promise<void> {
  const { engine } = context;
  const isNamed = name === undefined || (await renameRunning(engine, id, name));
  await stopWithHooks(engine, id, container, context);
  if (!isNamed) await renameContainer(engine, id, name);
}

/** Starts a stopped instance again, unchanged. */
export async function restartStep(step: RestartInstance, context: StepContext): Promise<undefined> {
  if (step.resumes) return resume(step, context);
  const serving = step.stopFirst ? holdUntilServing(context) : undefined;
  try {
    const started = await stopAndStart(step, context);
    await waitWithPhases(step, started, context);
    await routeAgain(step, started.id, context);
  } catch (error) {
    if (step.stopFirst) await bringInIfRunning(step, context);
    throw error;
  } finally {
    serving?.resolve();
  }
}

/** An instance that got requests before the call, and runs, gets them again, even if nobody knows that it is ready. */
async function bringInIfRunning(step: RestartInstance, context: StepContext): Promise<void> {
  const details = await inspectContainer(context.engine, step.containerId).catch(() => undefined);
  if (details?.running) await bringIn(step.routed ?? step, context);
}

async function stopAndStart(
  step: RestartInstance,
  context: StepContext,
): Promise<StartedContainer> {
  const { engine, emit } = context;
  if (step.stopFirst) {
    emit({ kind: "stopping", step, phase: "stopping" });
    await takeOut(step.routed ?? step, context);
    await stopWithHooks(engine, step.containerId, step, context);
    emit({ kind: "stopped", step });
    emit({ kind: "phase", step, phase: "starting" });
  }
  if (step.name !== undefined) await renameContainer(engine, step.containerId, step.name);
  const started = await startWatched(engine, step.containerId, { isNew: false }).catch(
    (error: unknown) => {
      throw toStartError(step.host, error);
    },
  );
  await completeRestart(step, started, context);
  return started;
}

/** A container that starts again may have other routes by now. */
async function routeAgain(
  step: RestartInstance,
  container: string,
  context: StepContext,
): Promise<void> {
  if (step.routed) await setUpstreams(context, step.routed, [container]);
  else await bringIn(step, context);
}

/** Stops it again if its postStart fails, so that the next start runs that again. */
async function completeRestart(
  step: RestartInstance,
  started: StartedContainer,
  context: StepContext,
): Promise<void> {
  const { postStart = [] } = (await openHooks(step, context)) ?? {};
  const onPhase = (phase: string): void => context.emit({ kind: "phase", step, phase });
  try {
    await completeStart({ ...step, hooks: postStart }, started, context, onPhase);
  } catch (error) {
    await stopContainer(context.engine, step.containerId);
    throw error;
  }
}

/** Undoes what was done to a running container from outside: its name, and a pause. */
async function resume(step: RestartInstance, context: StepContext): Promise<undefined> {
  const { engine } = context;
  if (step.name !== undefined) await renameContainer(engine, step.containerId, step.name);
  // The Engine attaches nothing to a paused container.
  await unpauseContainer(engine, step.containerId);
  await waitWithPhases(step, await watchContainer(engine, step.containerId), context);
  await routeAgain(step, step.containerId, context);
}

/** Waits for an instance that another call has started. */
export async function awaitStep(step: AwaitInstance, context: StepContext): Promise<undefined> {
  const wait = async (): Promise<void> => {
    const started = await watchContainer(context.engine, step.containerId);
    await waitWithPhases({ ...step, register: undefined }, started, context);
  };
  await withFailedImage(step, context, () => resumeReplacement(step, context, wait));
}

async function waitWithPhases(
  step: ReadyRequest & Step,
  started: StartedContainer,
  context: StepContext,
): Promise<void> {
  context.markStarted();
  context.emit({ kind: "waiting", step });
  await waitForReady(step, started, context, (phase) =>
    context.emit({ kind: "phase", step, phase }),
  );
}
