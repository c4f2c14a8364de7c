import { errorWith, ReynsError, throwAll } from "../../errors.ts";
import { actOnAll, type InstanceAction, type ActionFailure } from "../../runtime/instances/act.ts";
import { log } from "../../ui/output/log.ts";
import { printJson } from "../../ui/output/print.ts";
import { changedInstancesToJson } from "./instances-json.ts";
import { resolveInstances, type InstancesArgs } from "./resolve-instances.ts";

interface ActOptions {
  readonly action: InstanceAction;
  /** The states of the instances that it can be done to. */
  readonly states: readonly string[];
  /** What was done, before the names: "paused". */
  readonly done: string;
  /** Printed when no instance is in such a state. */
  readonly nothing: string;
  readonly json: boolean | undefined;
}

/**
 * Acts on the instances that a call names, and reports on each.
 *
 * @throws ReynsError MISSING_ARGUMENT, UNKNOWN_INSTANCE; for each instance on which it failed, ENGINE_REFUSED
 */
export async function actOnInstances(target: InstancesArgs, options: ActOptions): Promise<void> {
  const { action, states, done, nothing, json } = options;
  const { engine, chosen } = await resolveInstances(target);
  const wanted = chosen.filter(({ state }) => states.includes(state));
  const failures = await actOnAll(engine, wanted, action);
  const failed = new Set(failures.map(({ instance }) => instance));
  const changed = wanted.filter((instance) => !failed.has(instance));
  for (const { host } of changed) log.success(`${host} ${done}`);
  if (wanted.length === 0) log.info(nothing);
  if (json) printJson(await changedInstancesToJson(changed));
  throwAll(failures.map(toError));
}

function toError({ instance: { host }, error }: ActionFailure): ReynsError {
  if (!(error instanceof ReynsError)) throw error;
  return errorWith(error, { message: `${host}: ${error.message}` });
}
