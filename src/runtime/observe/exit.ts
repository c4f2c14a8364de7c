import { waitForExit } from "../../docker/containers/control.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { Engine } from "../connect.ts";

/** An instance that has ended. */
export interface Exit {
  readonly instance: ObservedInstance;
  /** Undefined when its container was removed. */
  readonly status: number | undefined;
}

/** Waits until the first of the instances has ended; undefined when the signal aborts before. */
export async function waitForNextExit(
  engine: Engine,
  instances: readonly ObservedInstance[],
  signal: AbortSignal,
): Promise<Exit | undefined> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const exits = instances.map(async (instance): Promise<Exit | undefined> => ({
    instance,
    status: await waitForExit(engine, instance.id, either),
  }));
  const aborted = new Promise<undefined>((resolve) => {
    either.addEventListener("abort", () => resolve(undefined));
  });
  try {
    return await Promise.race([aborted, ...exits]);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    over.abort();
    for (const exit of exits) exit.catch(() => {});
  }
}

/** Waits until each of the instances has ended; calls back for each, in the order in which they end. */
export async function waitForAll(
  engine: Engine,
  instances: readonly ObservedInstance[],
  onExit: (exit: Exit) => void,
): Promise<void> {
  await Promise.all(
    instances.map(async (instance) =>
      onExit({ instance, status: await waitForExit(engine, instance.id) }),
    ),
  );
}
