import { setTimeout as sleep } from "node:timers/promises";
import type { AwaitInstance, RestartInstance, StartInstance, Step } from "../../../model/steps.ts";
import {
  waitForReady,
  startWatched,
  watchContainer,
  type StartedContainer,
} from "../../instances/start.ts";
import { createInstance, toStartError } from "../../instances/create.ts";
import type { StepContext } from "../../context.ts";

/** Creates and starts an instance, makes its names known, and waits until it is ready. */
export async function startStep(step: StartInstance, context: StepContext): Promise<string> {
  const { engine, emit } = context;
  emit({ kind: "phase", step, phase: "creating" });
  const started = await createInstance(step, context, (id) => {
    emit({ kind: "phase", step, phase: "starting" });
    return startWatched(engine, id, true);
  });
  await waitUntilReady(step, started, context);
  if (step.sleep > 0) {
    emit({ kind: "phase", step, phase: `sleeping ${step.sleep} s, as the conf says` });
    await sleep(step.sleep * 1000, undefined, { signal: context.signal }).catch(() => {});
  }
  return step.address;
}

/** Starts a stopped instance as it is. */
export async function restartStep(step: RestartInstance, context: StepContext): Promise<undefined> {
  const started = await startWatched(context.engine, step.containerId, false).catch(
    (error: unknown) => {
      throw toStartError(step, error);
    },
  );
  await waitUntilReady(step, started, context);
}

/** Waits for an instance that another call has started. */
export async function awaitStep(step: AwaitInstance, context: StepContext): Promise<undefined> {
  const started = await watchContainer(context.engine, step.containerId);
  await waitUntilReady({ ...step, register: undefined }, started, context);
}

async function waitUntilReady(
  step: Parameters<typeof waitForReady>[0] & Step,
  started: StartedContainer,
  context: StepContext,
): Promise<void> {
  context.letOthersBegin();
  await waitForReady(step, started, context, (phase) =>
    context.emit({ kind: "phase", step, phase }),
  );
}
