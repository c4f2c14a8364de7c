import { ReynsError } from "../../errors.ts";
import { pluralize } from "../../lib/pluralize.ts";
import { callFor } from "../../model/copy-origin.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { Engine } from "../connect.ts";
import { actOnAll, type ActionFailure } from "../instances/act.ts";

/**
 * Works while instances are paused. All of them go on afterwards, whatever happens.
 *
 * @param record called with the ids of those that may be paused, before they are, and with those that still are at the end
 * @throws ReynsError FILE_REFUSED where one cannot be paused or does not go on
 */
export async function withPaused<Value>(
  engine: Engine,
  instances: readonly ObservedInstance[],
  record: (ids: readonly string[]) => void,
  work: () => Promise<Value>,
): Promise<Value> {
  record(instances.map(({ id }) => id));
  try {
    const [failed] = await actOnAll(engine, instances, { kind: "pause" });
    if (failed) throw pauseError(failed);
    return await work();
  } finally {
    const failures = await actOnAll(engine, instances, { kind: "unpause" });
    record(failures.map(({ instance }) => instance.id));
    requireUnpaused(failures);
  }
}

function pauseError({ instance, error }: ActionFailure): ReynsError {
  const message = `cannot pause ${instance.host}, whose data is to be copied: ${(error as Error).message}`;
  const hint = "nothing was copied; repeat the call, or stop the instance meanwhile";
  return new ReynsError("FILE_REFUSED", message, { hint, cause: error });
}

function requireUnpaused(failures: readonly ActionFailure[]): void {
  const [first] = failures;
  if (!first) return;
  const hosts = failures.map(({ instance }) => instance.host).join(", ");
  const calls = failures.map(({ instance: { service, instance, origin } }) =>
    callFor(origin, `reyns unpause ${service} ${instance}`),
  );
  const message = `${pluralize(failures.length, "instance")} still paused: ${hosts}: ${(first.error as Error).message}`;
  throw new ReynsError("FILE_REFUSED", message, { hint: calls.join("; "), cause: first.error });
}
