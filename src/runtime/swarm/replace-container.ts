import {
  inspectContainer,
  renameContainer,
  renameRunning,
  startContainer,
} from "../../docker/containers/containers.ts";
import { ReynsError, ReynsErrors, withOutcome } from "../../errors.ts";
import { previousNameOf } from "../../model/resource-names.ts";
import type { StartInstance } from "../../model/steps.ts";
import type { StepContext } from "../context.ts";
import { deregister } from "../executor/steps/remove.ts";
import { stopWithHooks } from "../instances/hooks.ts";
import { removeKeepingData } from "../instances/remove-keeping-data.ts";
import { completeRestored } from "../instances/replace.ts";
import { trySetRestartPolicy } from "../instances/restart-policy.ts";
import { startWatched } from "../instances/start.ts";
import { waitForFormer } from "../instances/wait-for-former.ts";
import { bringIn, forgetUpstreams, takeOut } from "../router/upstreams.ts";
import { removeServiceStep } from "./lifecycle.ts";

/** Makes a service and waits until its tasks run; reports its id on the way. */
export type Deploy = (onSent?: (id: string) => Promise<void>) => Promise<void>;

type Takeover = StartInstance & { readonly removes: string };

interface StoppedContainer {
  readonly restart: string | undefined;
  readonly isUp: boolean;
}

/**
 * Puts a service in the place of a container, which is stopped and kept until the tasks are ready. If they do not become
 * ready, or the call is interrupted, the service is removed, and the container starts again. Its data is kept.
 *
 * @throws ReynsError the failure of the service, with what serves now
 */
export async function replaceByService(
  step: Takeover,
  given: StepContext,
  deploy: Deploy,
): Promise<void> {
  const { removes: id, host } = step;
  // It may be on another node than the manager.
  const context = { ...given, engine: given.engine.ownerOf?.(id) ?? given.engine };
  const { engine, emit } = context;
  const details = await inspectContainer(engine, id);
  const former = { restart: details?.restart, isUp: details?.running ?? false };
  // An interruption in between would leave nothing that serves.
  const serving = Promise.withResolvers<void>();
  context.holdExit(serving.promise);
  let created: string | undefined;
  try {
    await setAside(step, context);
    emit({ kind: "stopped", step });
    await deploy(async (service) => {
      created = service;
      if (former.restart !== undefined) await trySetRestartPolicy(engine, id, "no");
    });
  } catch (error) {
    throw await goBack(step, former, context, { created, error });
  } finally {
    serving.resolve();
  }
  await forgetUpstreams({ host, ...step.departing }, context);
  await removeKeepingData(engine, id);
}

async function setAside(step: Takeover, context: StepContext): Promise<void> {
  const { engine, emit } = context;
  const { removes: id, host, spec, formerHooks: hooks, departing } = step;
  emit({ kind: "stopping", step, phase: "stopping the former container" });
  const name = previousNameOf(spec.name);
  const isNamed = await renameRunning(engine, id, name);
  await Promise.all([
    deregister({ host, deregister: departing?.deregister }, context),
    takeOut({ host, router: departing?.router }, context),
  ]);
  await stopWithHooks(engine, id, { host, hooks }, context);
  if (!isNamed) await renameContainer(engine, id, name);
  if (context.signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
}

interface FailedTakeover {
  /** Id of the service, where there is one. */
  readonly created: string | undefined;
  readonly error: unknown;
}

/** Goes back to the container; returns the error to throw. */
async function goBack(
  step: Takeover,
  former: StoppedContainer,
  context: StepContext,
  { created, error }: FailedTakeover,
): Promise<unknown> {
  const { host } = step;
  try {
    if (created !== undefined) await removeServiceStep({ containerId: created, host }, context);
    const isAwaited = error instanceof ReynsError && error.code !== "INTERRUPTED";
    const reason = await restore(step, { ...former, isAwaited }, context);
    if (!(error instanceof ReynsError)) return error;
    if (!former.isUp) return withOutcome(error);
    const state =
      reason === undefined ? "runs again" : `was started again, but is not ready: ${reason}`;
    const hint = `the former container of ${host} ${state}; fix the cause, then run it again`;
    return withOutcome(error, hint);
  } catch (cause) {
    if (!(error instanceof ReynsError) || !(cause instanceof ReynsError)) return error;
    const message = `${host}: its former container could not be started again: ${cause.message}`;
    const hint = "nothing serves it now; run it again";
    return new ReynsErrors([error, new ReynsError("START_FAILED", message, { hint, cause })]);
  }
}

/** @returns why the container is not ready; undefined when it is, or nothing tells */
async function restore(
  step: Takeover,
  { restart, isUp, isAwaited }: StoppedContainer & { readonly isAwaited: boolean },
  context: StepContext,
): Promise<string | undefined> {
  const { engine } = context;
  const { removes: id, host, spec } = step;
  if (restart !== undefined) await trySetRestartPolicy(engine, id, restart);
  await renameContainer(engine, id, spec.name);
  if (!isUp) return undefined;
  const started = isAwaited ? await startWatched(engine, id, { isNew: false }) : undefined;
  if (!started) await startContainer(engine, id);
  context.markRestored();
  await completeRestored(engine, id, context);
  const reason = started ? await waitForFormer(step, started, context) : undefined;
  await bringIn({ host, ...step.departing }, context);
  return reason;
}
