import { killContainer, pauseContainer } from "../../docker/containers/control.ts";
import { unpauseContainer } from "../../docker/containers/containers.ts";
import { ReynsError } from "../../errors.ts";
import type { Engine } from "../connect.ts";
import type { Emit } from "../events.ts";
import { drainContainer } from "../router/drain.ts";
import { bringIn, takeOut } from "../router/upstreams.ts";
import { defaultDrain } from "../../model/handover.ts";
import type { ObservedInstance } from "../../model/observed.ts";

/** What happens to the processes of an instance that stays as it is. */
export type InstanceAction =
  | { readonly kind: "kill"; readonly signal: string }
  | { readonly kind: "pause" }
  | { readonly kind: "unpause" };

/** Why an action failed on an instance. */
export interface ActionFailure {
  readonly instance: ObservedInstance;
  readonly error: unknown;
}

/** What keeps requests from instances that are paused. */
interface Routing {
  readonly emit: Emit;
  /** The router that may send an instance requests, and stays. */
  readonly routerOf: (instance: ObservedInstance) => string | undefined;
  /** Aborted when the call is broken off. */
  readonly signal?: AbortSignal | undefined;
}

/** Acts on all of the instances at once; one that fails does not keep the others from it. */
export async function actOnAll(
  engine: Engine,
  instances: readonly ObservedInstance[],
  action: InstanceAction,
  routing?: Routing,
): Promise<ActionFailure[]> {
  const outcomes = await Promise.allSettled(
    instances.map((instance) => act(engine, instance, action, routing)),
  );
  return outcomes.flatMap((outcome, index) => {
    const instance = instances[index];
    return outcome.status === "rejected" && instance ? [{ instance, error: outcome.reason }] : [];
  });
}

function act(
  engine: Engine,
  instance: ObservedInstance,
  action: InstanceAction,
  routing: Routing | undefined,
): Promise<void> {
  const { id } = instance;
  switch (action.kind) {
    case "kill":
      return killContainer(engine, id, action.signal);
    case "pause":
      return pause(engine, instance, routing);
    case "unpause":
      return unpauseContainer(engine, id);
  }
}

/** A request that came to a paused instance would hang: it gets no new ones, and first ends those that it has. */
async function pause(
  engine: Engine,
  instance: ObservedInstance,
  routing: Routing | undefined,
): Promise<void> {
  const { id, host } = instance;
  const router = routing?.routerOf(instance);
  if (!routing || router === undefined) return pauseContainer(engine, id);
  const { emit, signal } = routing;
  await takeOut({ host, router }, { engine, emit });
  const draining = { router, host, containerId: id, seconds: defaultDrain, leftText };
  // What is left counts only for an instance that is paused.
  const warn: Emit = (event) => signal?.aborted || emit(event);
  try {
    await unlessAborted(drainContainer(draining, { engine, emit: warn }), signal);
    await pauseContainer(engine, id);
  } catch (error) {
    await bringIn({ host, router }, { engine, emit });
    throw error;
  }
}

/** @throws ReynsError INTERRUPTED */
async function unlessAborted(work: Promise<void>, signal?: AbortSignal): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    signal?.addEventListener("abort", () => resolve(), { once: true });
    if (signal?.aborted) resolve();
  });
  await Promise.race([work, aborted]);
  if (signal?.aborted) throw new ReynsError("INTERRUPTED", "interrupted; it was not paused");
}

function leftText(requests: string): string {
  return `paused with ${requests} still open, which wait until it goes on: reyns unpause`;
}
