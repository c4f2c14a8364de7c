import type { ObservedInstance } from "../../model/observed.ts";
import { errorWith, ReynsError, throwAll } from "../../errors.ts";
import { actOnAll, type InstanceAction, type ActionFailure } from "../../runtime/instances/act.ts";
import { routerFor } from "../../plan/departure.ts";
import { log } from "../../ui/output/log.ts";
import { printJson } from "../../ui/output/print.ts";
import { sanitizeLine } from "../../ui/output/sanitize.ts";
import { changedInstancesToJson } from "./instances-json.ts";
import {
  resolveInstances,
  type InstancesArgs,
  type ResolvedInstances,
} from "./resolve-instances.ts";

interface ActOptions {
  readonly action: InstanceAction;
  /** The states of the instances that it can be done to. */
  readonly states: readonly string[];
  /** What was done, before the names: "paused". */
  readonly done: string;
  /** Printed when no instance is in such a state. */
  readonly nothing: string;
  readonly json: boolean | undefined;
  /** What is left to do with the instances that it was done to. */
  readonly afterwards?: (
    changed: readonly ObservedInstance[],
    listed: ResolvedInstances,
  ) => Promise<void>;
}

/**
 * Acts on the instances that a call names, and reports on each.
 *
 * @throws ReynsError MISSING_ARGUMENT, UNKNOWN_INSTANCE; for each instance on which it failed, ENGINE_REFUSED
 */
export async function actOnInstances(target: InstancesArgs, options: ActOptions): Promise<void> {
  const { done, nothing, json, afterwards } = options;
  const { listed, wanted, failures } = await actOnListed(target, options);
  const failed = new Set(failures.map(({ instance }) => instance));
  const changed = wanted.filter((instance) => !failed.has(instance));
  for (const { host } of changed) log.success(`${sanitizeLine(host)} ${done}`);
  await afterwards?.(changed, listed);
  if (wanted.length === 0) log.info(nothing);
  if (json) printJson(await changedInstancesToJson(changed));
  throwAll(failures.map(toError));
}

interface ActOutcome {
  readonly listed: ResolvedInstances;
  readonly wanted: readonly ObservedInstance[];
  readonly failures: readonly ActionFailure[];
}

/** What a pause takes out of a router comes back when the call is broken off; no other call changes it meanwhile. */
async function actOnListed(named: InstancesArgs, options: ActOptions): Promise<ActOutcome> {
  const target = { ...named, onContainers: true } as const;
  const listed = await resolveInstances(target);
  const { place, instances } = listed;
  const isRouted = wantedOf(listed, options).some(
    (instance) => routerFor(instance, instances, []).router !== undefined,
  );
  if (options.action.kind !== "pause" || !isRouted) return act(listed, options);
  const { lockOptions, withProjectLock } = await import("./with-project-lock.ts");
  return withProjectLock(lockOptions(place), async ({ begin, holdExit, signal }) => {
    // Another command may have changed them while this one waited.
    const latest = await resolveInstances(target);
    begin();
    const work = act(latest, options, signal);
    holdExit(work);
    return work;
  });
}

async function act(
  listed: ResolvedInstances,
  options: ActOptions,
  signal?: AbortSignal,
): Promise<ActOutcome> {
  const { engine, instances } = listed;
  const wanted = wantedOf(listed, options);
  const failures = await actOnAll(engine, wanted, options.action, {
    emit: (event) => event.kind === "warning" && log.warn(event.message),
    routerOf: (instance) => routerFor(instance, instances, wanted).router,
    signal,
  });
  return { listed, wanted, failures };
}

function wantedOf({ chosen }: ResolvedInstances, { states }: ActOptions): ObservedInstance[] {
  return chosen.filter(({ state }) => states.includes(state));
}

function toError({ instance: { host }, error }: ActionFailure): ReynsError {
  if (!(error instanceof ReynsError)) throw error;
  return errorWith(error, { message: `${host}: ${error.message}` });
}
