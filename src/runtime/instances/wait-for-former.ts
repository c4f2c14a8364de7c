import type { Engine } from "../../docker/client/engine.ts";
import { inspectContainer } from "../../docker/containers/containers.ts";
import { ReynsError } from "../../errors.ts";
import { labels, parseLabel } from "../../model/labels.ts";
import type { Ready } from "../../model/readiness.ts";
import type { SealedReady } from "../../model/sealed-ready.ts";
import { defaultTimeout, type AwaitInstance, type StartInstance } from "../../model/steps.ts";
import type { StepContext } from "../context.ts";
import { waitForDeadline } from "./deadline.ts";
import { explainUnready, waitForReadiness } from "./readiness.ts";
import { openReady } from "./sealed-ready.ts";
import type { StartedContainer } from "./start.ts";

/**
 * Waits until a former container that was started again is ready, at most for the timeout of the step. An interruption
 * ends the wait. The container is left to its restart policy, whatever becomes of it.
 *
 * @returns why it is not ready; undefined when it is, or when nothing tells
 */
export async function waitForFormer(
  step: StartInstance | AwaitInstance,
  started: StartedContainer,
  context: StepContext,
): Promise<string | undefined> {
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  try {
    const ready = await readinessOf(started.id, context);
    if (ready === undefined) return undefined;
    context.emit({ kind: "phase", step, phase: "waiting for its former version" });
    return await Promise.race([
      becomeReady(step, ready, started, { ...context, signal }),
      reasonOfExit(started, context.engine),
      reasonAtTimeout(step, ready, started.id, { ...context, signal }),
      interruption(context.signal),
    ]);
  } finally {
    over.abort();
    started.output.close();
  }
}

/** As its label has it; undefined where that tells nothing, and of a job, whose end is not waited for. */
async function readinessOf(
  id: string,
  { engine, keysFolder }: StepContext,
): Promise<Ready | undefined> {
  const details = await inspectContainer(engine, id);
  const recorded = parseLabel<Ready | SealedReady>(details?.labels[labels.ready]);
  if (typeof recorded?.kind !== "string" || recorded.kind === "completed") return undefined;
  return openReady(recorded, keysFolder);
}

async function becomeReady(
  { host, timeout = defaultTimeout }: StartInstance | AwaitInstance,
  ready: Ready,
  { id: containerId, watch: { waitForLine } }: StartedContainer,
  { engine, dns, signal }: StepContext,
): Promise<string | undefined> {
  const onPhase = (): void => {};
  const readiness = { engine, containerId, host, dns, waitForLine, timeout, signal, onPhase };
  return waitForReadiness(ready, readiness).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof ReynsError) return error.message;
      throw error;
    },
  );
}

/** Pending while it runs, or is about to be started by its restart policy. */
async function reasonOfExit({ id, output }: StartedContainer, engine: Engine): Promise<string> {
  await output.ended;
  const details = await inspectContainer(engine, id);
  if (details?.running || details?.restarting) return new Promise(() => {});
  return `it has ended (status ${details?.exitCode ?? "unknown"})`;
}

async function reasonAtTimeout(
  { timeout }: StartInstance | AwaitInstance,
  ready: Ready,
  containerId: string,
  { engine, signal }: StepContext,
): Promise<string> {
  await waitForDeadline({ ready, timeout }, { engine, id: containerId, signal }).catch(
    (error: unknown) => {
      if (!signal.aborted) throw error;
    },
  );
  if (signal.aborted) return new Promise(() => {});
  return (await explainUnready(ready, { engine, containerId })).reason;
}

function interruption(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const stop = (): void => resolve("interrupted while waiting for it");
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
