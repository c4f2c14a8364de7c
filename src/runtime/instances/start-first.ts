import {
  inspectContainer,
  removeContainer,
  renameContainer,
} from "../../docker/containers/containers.ts";
import { ReynsError, withLater, withOutcome } from "../../errors.ts";
import { defaultDrain } from "../../model/handover.ts";
import { nextNameOf, previousNameOf } from "../../model/resource-names.ts";
import type { StartInstance } from "../../model/steps.ts";
import type { StepContext } from "../context.ts";
import { registerInstance } from "../dns/register.ts";
import { parseRegistration } from "../observe/instances.ts";
import { drainContainer } from "../router/drain.ts";
import { setUpstreams } from "../router/upstreams.ts";
import { stopWithHooks } from "./hooks.ts";
import { trySetRestartPolicy } from "./restart-policy.ts";

type StartBeside = StartInstance & { readonly predecessor: string };

interface NewContainer {
  /** Creates and starts the new container under another name, and waits until it is ready; reports its id on the way. */
  readonly startNew: (step: StartInstance, onStarted: (id: string) => void) => Promise<string>;
  /** The new container serves from here on. */
  readonly onServing: () => Promise<void>;
}

/**
 * Replaces the container of a routed instance without a pause: the new one starts beside it, becomes ready, and takes its
 * name and its requests; the former one ends what it has begun, and is removed. Until the new one is ready nothing
 * changes for the former one, and a failure costs only the new one. A call that is killed leaves either the former
 * container with its name, or the new one: whichever has the name serves, and the next call removes the other one.
 *
 * @throws ReynsError the failure of the new container
 */
export async function replaceStartFirst(
  step: StartBeside,
  context: StepContext,
  { startNew, onServing }: NewContainer,
): Promise<string> {
  let created: string | undefined;
  // An interruption leaves no new container behind, however long the Engine takes to make it.
  const creating = Promise.withResolvers<void>();
  context.holdExit(creating.promise);
  const beside = { ...step, register: undefined, routed: undefined };
  const start = async (): Promise<readonly [address: string, id: string]> => {
    const address = await startNew(beside, (id) => {
      created = id;
      // After an interruption, what removes it holds the call next: there is no gap between the two.
      if (!context.signal.aborted) creating.resolve();
    });
    const id = created ?? nextNameOf(step.spec.name);
    await takeName(step, id, context);
    return [address, id];
  };
  const [address, id] = await start().catch(async (error: unknown) => {
    const kept = keepFormer(step, created, context);
    context.holdExit(kept);
    creating.resolve();
    throw await kept.then(
      (removed) => explained(step.host, error, removed),
      (later: unknown) => withLater(error, later),
    );
  });
  const serving = handOver(step, id, context, onServing);
  context.holdExit(serving);
  await serving;
  return address;
}

/** From here on the new container is the instance. */
async function takeName(
  { spec, predecessor }: StartBeside,
  id: string,
  { engine, signal }: StepContext,
): Promise<void> {
  if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted");
  await renameContainer(engine, predecessor, previousNameOf(spec.name));
  await renameContainer(engine, id, spec.name);
}

/**
 * Removes the new container. The names of the former one are in the DNS again, where an image registers itself.
 *
 * @returns a hint about the new container, where there was one
 */
async function keepFormer(
  { host, predecessor, spec }: StartBeside,
  created: string | undefined,
  context: StepContext,
): Promise<string | undefined> {
  const { engine, dns, emit } = context;
  const { removeFailed } = await import("./remove-failed.ts");
  const removed = created === undefined ? undefined : await removeFailed(created, host, context);
  await renameContainer(engine, predecessor, spec.name);
  context.markRestored();
  const details = await inspectContainer(engine, predecessor);
  const register = details && parseRegistration(details.labels);
  // The new container may have registered itself before a hook failed, and nobody learned its id.
  if (!register) return removed;
  await registerInstance(register, dns).catch(({ message }: Error) =>
    emit({ kind: "warning", message: `${host}: ${message}` }),
  );
  return removed;
}

function explained(host: string, error: unknown, removed: string | undefined): unknown {
  if (!(error instanceof ReynsError) || error.code === "INTERRUPTED") return error;
  const hint = `the former version of ${host} kept serving; fix the cause, then run it again`;
  return withOutcome(error, hint, removed);
}

/** Gives the requests and the names in the DNS to the new container, and retires the former one. */
async function handOver(
  step: StartBeside,
  id: string,
  context: StepContext,
  onServing: () => Promise<void>,
): Promise<void> {
  const { engine, dns } = context;
  const { routed, register, predecessor } = step;
  if (routed) await setUpstreams({ engine }, routed, [id]);
  await onServing();
  // An Engine that starts again must not start both.
  const former = await inspectContainer(engine, predecessor);
  if (former?.restart !== undefined) await trySetRestartPolicy(engine, predecessor, "no");
  const [registered] = await Promise.allSettled([register && registerInstance(register, dns)]);
  // Whatever the DNS does: there are not two of them after the call.
  await retire(step, context);
  if (registered.status === "rejected") throw registered.reason;
}

/** Stops and removes the former container when it has ended what it has begun. */
async function retire(step: StartBeside, context: StepContext): Promise<void> {
  const { host, routed, handover, predecessor, formerHooks: hooks } = step;
  const seconds = handover?.drain ?? defaultDrain;
  if (routed) {
    const phase = "waiting for the former container to finish its requests";
    context.emit({ kind: "phase", step, phase });
    const draining = { router: routed.router, host, containerId: predecessor, seconds };
    await drainContainer(draining, context);
  }
  context.emit({ kind: "stopping", step, phase: "stopping the former container" });
  await stopWithHooks(context.engine, predecessor, { host, hooks }, context);
  await removeContainer(context.engine, predecessor);
}
