import { canPrompt, chooseInstance } from "../../ui/prompts/prompts.ts";
import type { Engine } from "../../runtime/connect.ts";
import { errorWith, hasCode, ReynsError } from "../../errors.ts";
import { findInstances, findOneInstance } from "../../plan/select/choose.ts";
import { isRunning, type ObservedInstance, type ObservedKeeper } from "../../model/observed.ts";
import type { ProjectPlace } from "../../project/locate.ts";
import { listInstances } from "./context.ts";
import { requireContainer } from "./only-containers.ts";
import { stateText } from "../../model/problems.ts";

interface InstanceArgs {
  readonly service: string;
  readonly instance: string | undefined;
}

interface ResolvedInstance {
  readonly engine: Engine;
  readonly place: ProjectPlace;
  readonly instance: ObservedInstance;
  /** All of the project's. */
  readonly instances: readonly ObservedInstance[];
  readonly keeper: ObservedKeeper | undefined;
}

/**
 * Resolves the one instance that a command is about; running instances take precedence over stopped ones. On a terminal,
 * prompts for one of several.
 *
 * @throws ReynsError UNKNOWN_INSTANCE, AMBIGUOUS_INSTANCE
 */
export async function resolveInstance(wanted: InstanceArgs): Promise<ResolvedInstance> {
  const { engine: all, place, instances, keeper } = await listInstances();
  const query = { ...wanted, origin: place.origin };
  const candidates = preferRunning(instances, findInstances(instances, query));
  const matching = findInstances(candidates, query);
  const instance =
    matching.length > 1 && canPrompt(false)
      ? await chooseInstance(matching)
      : findOneInstance(candidates, query);
  const engine = all.fleet?.engineOf(instance.id) ?? all;
  return { engine, place, instance, instances, keeper };
}

/** Leaves the stopped instances out, unless nothing of what is wanted runs. */
export function preferRunning(
  instances: readonly ObservedInstance[],
  wanted: readonly ObservedInstance[],
): readonly ObservedInstance[] {
  return wanted.some(isRunning) ? instances.filter(isRunning) : instances;
}

/**
 * Resolves the one instance that a command is about.
 *
 * @throws ReynsError NOT_RUNNING, and as `resolveInstance` does
 */
export async function requireRunningInstance(query: InstanceArgs): Promise<ResolvedInstance> {
  const resolved = await resolveInstance(query);
  requireContainer(resolved.instance);
  checkRunning(resolved.instance);
  return resolved;
}

/**
 * Resolves the running instance in which `ssh` or `shell` works. A word that is no instance may be a command.
 *
 * @throws ReynsError NOT_RUNNING, and as `resolveInstance` does
 */
export async function requireInstanceForCommand(
  name: "ssh" | "shell",
  { service, instance }: { readonly service: string; readonly instance?: string | undefined },
): Promise<ResolvedInstance> {
  return requireRunningInstance({ service, instance }).catch((error: unknown) => {
    if (!hasCode(error, "UNKNOWN_INSTANCE")) throw error;
    // A number is an instance of a Compose file, and no command.
    if (instance === undefined || /^\d+$/.test(instance)) throw error;
    const hint = `${error.hint}\nif it is a command: reyns ${name} ${service} -- ${instance}`;
    throw errorWith(error, { hint });
  });
}

/** @throws ReynsError NOT_RUNNING */
export function checkRunning(observed: ObservedInstance): void {
  if (isRunning(observed)) return;
  const { host, service, instance } = observed;
  throw new ReynsError("NOT_RUNNING", `${host} is not running: ${stateText(observed)}`, {
    hint: `see why: reyns logs ${service} ${instance}; start it: reyns start ${service} ${instance}`,
  });
}
