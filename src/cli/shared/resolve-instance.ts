import { given, needWord } from "../args/common.ts";
import { canAsk, chooseAmong } from "../../ui/prompts/prompts.ts";
import type { Engine } from "../../runtime/connect.ts";
import { ReynsError } from "../../errors.ts";
import { chooseInstances, chooseOne } from "../../plan/lifecycle-plan.ts";
import { isRunning, type ObservedInstance } from "../../model/observed.ts";
import type { ProjectPlace } from "../../project/locate.ts";
import { listInstances } from "./context.ts";

interface InstanceQuery {
  readonly service: string | undefined;
  readonly instance: string | undefined;
  readonly example: string;
  /** Ask which one when there are several, if somebody is there. */
  readonly ask: boolean;
}

interface ResolvedInstance {
  readonly engine: Engine;
  readonly place: ProjectPlace;
  readonly chosen: ObservedInstance;
}

/** The one instance that a call names; a running one is preferred to stopped ones. */
export async function resolveInstance({
  service,
  instance,
  example,
  ask,
}: InstanceQuery): Promise<ResolvedInstance> {
  const choice = { service: needWord(service, "service", example), instance: given(instance) };
  const { engine, place, instances } = await listInstances();
  const running = instances.filter(isRunning);
  const named = chooseInstances(instances, choice);
  const preferred = named.some(isRunning) ? running : instances;
  if (ask && canAsk(false)) {
    const several = chooseInstances(preferred, choice);
    if (several.length > 1)
      return { engine, place, chosen: await chooseAmong("Which instance?", several) };
  }
  return { engine, place, chosen: chooseOne(preferred, choice) };
}

/** The same, and it has to be running. */
export async function requireRunningInstance(wanted: InstanceQuery): Promise<ResolvedInstance> {
  const found = await resolveInstance(wanted);
  checkRunning(found.chosen);
  return found;
}

/** @throws ReynsError NOT_RUNNING */
export function checkRunning(chosen: ObservedInstance): void {
  if (isRunning(chosen)) return;
  const { host, service, instance, state } = chosen;
  throw new ReynsError("NOT_RUNNING", `${host} is not running: it is ${state}`, {
    hint: `see why: reyns logs ${service} ${instance}; start it: reyns start ${service} ${instance}`,
  });
}
