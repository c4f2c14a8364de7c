import { killContainer, pauseContainer } from "../../docker/containers/control.ts";
import { unpauseContainer } from "../../docker/containers/containers.ts";
import type { Engine } from "../connect.ts";
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

/** Acts on all of the instances at once; one that fails does not keep the others from it. */
export async function actOnAll(
  engine: Engine,
  instances: readonly ObservedInstance[],
  action: InstanceAction,
): Promise<ActionFailure[]> {
  const outcomes = await Promise.allSettled(instances.map(({ id }) => act(engine, id, action)));
  return outcomes.flatMap((outcome, index) => {
    const instance = instances[index];
    return outcome.status === "rejected" && instance ? [{ instance, error: outcome.reason }] : [];
  });
}

function act(engine: Engine, id: string, action: InstanceAction): Promise<void> {
  switch (action.kind) {
    case "kill":
      return killContainer(engine, id, action.signal);
    case "pause":
      return pauseContainer(engine, id);
    case "unpause":
      return unpauseContainer(engine, id);
  }
}
