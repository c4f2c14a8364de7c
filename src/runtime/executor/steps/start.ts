import { setTimeout as sleep } from "node:timers/promises";
import {
  renameContainer,
  stopContainer,
  unpauseContainer,
} from "../../../docker/containers/containers.ts";
import type { AwaitInstance, RestartInstance, StartInstance, Step } from "../../../model/steps.ts";
import type { StepContext } from "../../context.ts";
import { createInstance } from "../../instances/create.ts";
import { replaceContainer, resumeReplacement } from "../../instances/replace.ts";
import { toStartError } from "../../instances/start-errors.ts";
import { startWatched, watchContainer, type StartedContainer } from "../../instances/start.ts";
import { waitForReady, type ReadyRequest } from "../../instances/wait-for-ready.ts";

/** Creates and starts an instance, registers its names, and waits until it is ready. */
export async function startStep(step: StartInstance, context: StepContext): Promise<string> {
  const { predecessor } = step;
  if (predecessor === undefined) return startNew(step, context, () => {});
  context.emit({ kind: "phase", step, phase: "stopping the former container" });
  return replaceContainer({ ...step, predecessor }, context, (onCreated) =>
    startNew(step, context, onCreated),
  );
}

async function startNew(
  step: StartInstance,
  context: StepContext,
  onCreated: (id: string) => void,
): Promise<string> {
  const { engine, emit } = context;
  emit({ kind: "phase", step, phase: "creating" });
  const started = await createInstance(step, context, (id) => {
    emit({ kind: "phase", step, phase: "starting" });
    return startWatched(engine, id, { isNew: true });
  });
  onCreated(started.id);
  await waitWithPhases(step, started, context);
  if (step.sleep > 0) {
    emit({ kind: "phase", step, phase: `sleeping ${step.sleep} s, as set in the conf` });
    await sleep(step.sleep * 1000, undefined, { signal: context.signal }).catch(() => {});
  }
  return step.address;
}

/** Starts a stopped instance again, unchanged. */
export async function restartStep(step: RestartInstance, context: StepContext): Promise<undefined> {
  const { engine } = context;
  if (step.resumes) return resume(step, context);
  if (step.stopFirst) await stopContainer(engine, step.containerId);
  if (step.name !== undefined) await renameContainer(engine, step.containerId, step.name);
  const started = await startWatched(engine, step.containerId, { isNew: false }).catch(
    (error: unknown) => {
      throw toStartError(step.host, error);
    },
  );
  await waitWithPhases(step, started, context);
}

/** Undoes what was done to a running container from outside: its name, and a pause. */
async function resume(step: RestartInstance, context: StepContext): Promise<undefined> {
  const { engine } = context;
  if (step.name !== undefined) await renameContainer(engine, step.containerId, step.name);
  // The Engine attaches nothing to a paused container.
  await unpauseContainer(engine, step.containerId);
  await waitWithPhases(step, await watchContainer(engine, step.containerId), context);
}

/** Waits for an instance that another call has started. */
export async function awaitStep(step: AwaitInstance, context: StepContext): Promise<undefined> {
  await resumeReplacement(step, context, async () => {
    const started = await watchContainer(context.engine, step.containerId);
    await waitWithPhases({ ...step, register: undefined }, started, context);
  });
}

async function waitWithPhases(
  step: ReadyRequest & Step,
  started: StartedContainer,
  context: StepContext,
): Promise<void> {
  context.markStarted();
  await waitForReady(step, started, context, (phase) =>
    context.emit({ kind: "phase", step, phase }),
  );
}
