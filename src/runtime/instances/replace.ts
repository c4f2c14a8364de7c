import type { Engine } from "../../docker/client/engine.ts";
import {
  inspectContainer,
  removeContainer,
  renameContainer,
  renameRunning,
  startContainer,
} from "../../docker/containers/containers.ts";
import { hasCode, ReynsError, ReynsErrors, withLater, withOutcome } from "../../errors.ts";
import { previousNameOf } from "../../model/resource-names.ts";
import type { AwaitInstance, FormerContainer, StartInstance } from "../../model/steps.ts";
import type { RuntimeContext, StepContext } from "../context.ts";
import { repeatPostStart, stopWithHooks } from "./hooks.ts";
import { registerInstance } from "../dns/register.ts";
import { trySetRestartPolicy } from "./restart-policy.ts";
import { startWatched, type StartedContainer } from "./start.ts";
import { waitForFormer } from "./wait-for-former.ts";
import { parseRegistration } from "../observe/instances.ts";

/**
 * Replaces the container that serves an instance. It gets another name, is stopped, and is kept until the new one is
 * ready, without its restart policy: an Engine that starts again, after a power failure, must not start both. If the new
 * one fails, it is removed, and the former one starts again. A call that is killed on the way leaves what the next one
 * needs to go on from there.
 *
 * @param startNew creates and starts the new container and waits until it is ready; reports its id on the way
 * @throws ReynsError the failure of the new container, with what serves now
 */
export async function replaceContainer<Result>(
  step: StartInstance & { readonly predecessor: string },
  context: StepContext,
  startNew: (onStarted: (id: string) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const { engine, signal } = context;
  const { predecessor, spec } = step;
  let created: string | undefined;
  const restart = await restartPolicyOf(step, engine);
  const replace = async (): Promise<Result> => {
    // By its name a later call knows what to go back to, also where this one is killed while the container stops.
    const name = previousNameOf(spec.name);
    const isNamed = await renameRunning(engine, predecessor, name);
    const former = { host: step.host, hooks: step.formerHooks };
    await stopWithHooks(engine, predecessor, former, context);
    if (!isNamed) await renameContainer(engine, predecessor, name);
    if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
    return startNew(async (id) => {
      created = id;
      // Not before: a call that is killed while nothing has taken its place leaves it as it is.
      if (restart !== undefined) await trySetRestartPolicy(engine, predecessor, "no");
    });
  };
  const result = await replace().catch(async (error: unknown) => {
    // The new container runs on: the next call waits until it is ready.
    if (hasCode(error, "INTERRUPTED") && created !== undefined) throw error;
    const former = { id: predecessor, name: spec.name, restart };
    throw await errorOnceBack(step, former, context, { created, error });
  });
  // A failure from here on is no reason to go back: the new container is ready, and the next call removes the former.
  await removeContainer(engine, predecessor);
  return result;
}

/** That of a former container; a call that was killed has left it without one. */
async function restartPolicyOf(
  { predecessor, spec }: StartInstance & { readonly predecessor: string },
  engine: Engine,
): Promise<string | undefined> {
  const details = await inspectContainer(engine, predecessor);
  const isSetAside = details?.name === previousNameOf(spec.name);
  return details?.restart ?? (isSetAside ? spec.runtime.restart : undefined);
}

/**
 * Completes a replacement that was broken off when its new container had started: waits until that one is ready. If it
 * fails, it is removed, and the former one starts again.
 *
 * @throws ReynsError the failure of the new container, with what serves now
 */
export async function resumeReplacement(
  step: AwaitInstance,
  context: StepContext,
  wait: () => Promise<void>,
): Promise<void> {
  try {
    await wait();
  } catch (error) {
    const { former, containerId: created } = step;
    if (former === undefined || hasCode(error, "INTERRUPTED")) throw error;
    throw await errorOnceBack(step, former, context, { created, error });
  }
}

interface Failure {
  /** Id of the new container, where there is one. */
  readonly created: string | undefined;
  readonly error: unknown;
}

/** Goes back to the former container; returns the error to throw. */
function errorOnceBack(...going: Parameters<typeof goBack>): Promise<unknown> {
  const [, , , { error }] = going;
  return goBack(...going).catch((later: unknown) => withLater(error, later));
}

/** Goes back to the former container and waits until it is ready; returns the error to throw. */
async function goBack(
  step: StartInstance | AwaitInstance,
  former: FormerContainer,
  context: StepContext,
  failure: Failure,
): Promise<unknown> {
  const restoring = restoreFormer(step.host, former, context, failure);
  // Not the wait: an interruption ends that.
  context.holdExit(restoring);
  const { error, started, removed } = await restoring;
  if (!started || !(error instanceof ReynsError)) return error;
  const reason = await waitForFormer(step, started, context);
  const state =
    reason === undefined ? "runs again" : `was started again, but is not ready: ${reason}`;
  const hint = `the former version of ${step.host} ${state}; fix the cause, then run it again`;
  return withOutcome(error, hint, removed);
}

interface Restored {
  /** The failure of the new container, and that of the former one. */
  readonly error: unknown;
  /** The former container, where its readiness is worth a wait. */
  readonly started?: StartedContainer;
  /** A hint about the new container, where there was one. */
  readonly removed?: string | undefined;
}

/** Removes the new container and starts the former one. */
async function restoreFormer(
  host: string,
  { id, name, restart }: FormerContainer,
  context: StepContext,
  { created, error }: Failure,
): Promise<Restored> {
  const { engine } = context;
  const isAwaited = error instanceof ReynsError && !hasCode(error, "INTERRUPTED");
  let started: StartedContainer | undefined;
  let removed: string | undefined;
  try {
    if (restart !== undefined && created !== undefined)
      await trySetRestartPolicy(engine, id, restart);
    if (created !== undefined) removed = await removeNew(created, host, context);
    await renameContainer(engine, id, name);
    if (isAwaited) started = await startWatched(engine, id, { isNew: false });
    else await startContainer(engine, id);
  } catch (cause) {
    if (!(error instanceof ReynsError) || !(cause instanceof ReynsError)) return { error };
    const message = `${host}: its former container could not be started again: ${cause.message}`;
    const hint =
      "the instance is down, and its former container is kept, stopped: fix the cause, then run it again";
    const failed = new ReynsError("START_FAILED", message, { hint, cause });
    return { error: new ReynsErrors([withOutcome(error, removed), failed]) };
  }
  context.markRestored();
  await completeRestored(engine, id, context);
  return { error, removed, ...(started && { started }) };
}

async function removeNew(id: string, host: string, context: StepContext): Promise<string> {
  const { removeFailed } = await import("./remove-failed.ts");
  return removeFailed(id, host, context);
}

/**
 * Completes the start of a former container: its postStart, and its names in the DNS. Instances based on our images also
 * register themselves.
 */
export async function completeRestored(
  engine: Engine,
  id: string,
  context: RuntimeContext,
): Promise<void> {
  const { dns, emit } = context;
  await repeatPostStart(engine, id, context);
  const details = await inspectContainer(engine, id);
  const register = details && parseRegistration(details.labels);
  if (!register) return;
  await registerInstance(register, dns).catch(({ message }: Error) =>
    emit({ kind: "warning", message: `${register.service}-${register.instance}: ${message}` }),
  );
}
