import { errorStatus } from "../../docker/client/errors.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { createService, editService } from "../../docker/services/services.ts";
import type { ServiceSpec } from "../../docker/services/types.ts";
import { ReynsError } from "../../errors.ts";
import type { StartInstance } from "../../model/steps.ts";
import { toCreateError } from "../instances/start-errors.ts";
import { nextUpdate } from "./next-update.ts";
import type { AwaitedService } from "./wait.ts";

interface SentService extends Pick<AwaitedService, "id" | "change"> {
  readonly body: ServiceSpec;
}

/**
 * Makes a service, or changes the one that there is.
 *
 * @param bodyFor the spec with the number of its update
 * @throws ReynsError START_FAILED
 */
export async function sendService(
  step: StartInstance,
  bodyFor: (forceUpdate: number) => ServiceSpec,
  engine: Engine,
): Promise<SentService> {
  try {
    const edited = await editService(engine, step.predecessor ?? step.spec.name, async (former) => {
      const { ForceUpdate, Placement } = former.spec.TaskTemplate;
      const kept = bodyFor(ForceUpdate);
      // Where the placement is another one, tasks may have to move.
      const keepsTasks = step.keepsTasks && isSame(kept.TaskTemplate.Placement, Placement);
      return keepsTasks ? kept : bodyFor(await nextUpdate(engine, former));
    });
    if (!edited) {
      const body = bodyFor(0);
      return { id: await createService(engine, body), change: "created", body };
    }
    const { former, body } = edited;
    const { ForceUpdate } = former.spec.TaskTemplate;
    // Swarm says nothing of an update that replaces no tasks.
    const replacesTasks =
      former.spec.Mode.Replicated.Replicas > 0 && ForceUpdate !== body.TaskTemplate.ForceUpdate;
    return { id: former.id, change: replacesTasks ? "updated" : "created", body };
  } catch (error) {
    throw toRefusal(error, step);
  }
}

type Placement = ServiceSpec["TaskTemplate"]["Placement"];

function isSame(one: Placement, other: Placement): boolean {
  return placementText(one) === placementText(other);
}

/** The Engine leaves out what is empty. */
function placementText({ Constraints = [], Preferences = [], MaxReplicas = 0 }: Placement = {}) {
  const spread = Preferences.map(({ Spread }) => Spread?.SpreadDescriptor);
  return JSON.stringify([Constraints, spread, MaxReplicas]);
}

function toRefusal(cause: unknown, { host }: StartInstance): unknown {
  const status = errorStatus(cause);
  if (!(cause instanceof ReynsError) || status === undefined) return cause;
  if (status === 409) return toCreateError(host, cause, true);
  const reason = cause.message
    .replace(/^the Docker Engine refused: /, "")
    .replace(/^rpc error: code = \w+ desc = /, "");
  return new ReynsError("START_FAILED", `${host}: Swarm refuses it: ${reason}`, { cause });
}
