import { setTimeout as sleep } from "node:timers/promises";
import type { AwaitInstance, RestartInstance, StartInstance } from "../../plan/steps.ts";
import { becomeReady, startWatched, watchContainer } from "../bring-up.ts";
import { createInstance } from "../create-instance.ts";
import type { Context } from "../execute.ts";
import { describeReady } from "../ready.ts";

/** Creates and starts an instance, makes its names known, and waits until it is ready. */
export async function startStep(step: StartInstance, context: Context): Promise<string> {
  const { engine, emit } = context;
  const started = await createInstance(step, context, (id) => startWatched(engine, id));
  emit({ kind: "progress", step, note: `waiting for ${describeReady(step.ready)}` });
  await becomeReady(step, started, context);
  if (step.sleep > 0) {
    emit({ kind: "progress", step, note: `sleeping ${step.sleep} s, as the conf says` });
    await sleep(step.sleep * 1000, undefined, { signal: context.signal }).catch(() => {});
  }
  return step.address;
}

/** Starts a stopped instance as it is. */
export async function restartStep(step: RestartInstance, context: Context): Promise<undefined> {
  const started = await startWatched(context.engine, step.containerId);
  context.emit({ kind: "progress", step, note: `waiting for ${describeReady(step.ready)}` });
  await becomeReady(step, started, context);
}

/** Waits for an instance that another call has started. */
export async function awaitStep(step: AwaitInstance, context: Context): Promise<undefined> {
  const { engine, emit } = context;
  emit({ kind: "progress", step, note: `waiting for ${describeReady(step.ready)}` });
  const started = await watchContainer(engine, step.containerId);
  await becomeReady({ ...step, register: undefined }, started, context);
}
