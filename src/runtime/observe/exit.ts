import { waitForExit } from "../../docker/containers/control.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { Engine } from "../connect.ts";

/** An instance that has ended. */
export interface Exit {
  readonly instance: ObservedInstance;
  /** Undefined when its container was removed. */
  readonly status: number | undefined;
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
