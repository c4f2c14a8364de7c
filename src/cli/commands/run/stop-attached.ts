import { isRunning, type ObservedInstance } from "../../../model/observed.ts";
import { dropLeases } from "../../../plan/dns-keeper.ts";
import { planStop } from "../../../plan/lifecycle-plan.ts";
import { actOnAll } from "../../../runtime/instances/act.ts";
import { applyPlan } from "../../common/apply-plan.ts";
import { resolveInstances, type ResolvedInstances } from "../../common/resolve-instances.ts";
import { withProjectLock, type LockOptions } from "../../common/with-project-lock.ts";

type FoundRunning = ResolvedInstances & { readonly running: readonly ObservedInstance[] };

async function findRunning(hosts: ReadonlySet<string>): Promise<FoundRunning> {
  const all = { service: "all", instance: undefined, group: undefined, example: "" };
  const resolved = await resolveInstances(all);
  const running = resolved.chosen.filter((one) => hosts.has(one.host) && isRunning(one));
  return { ...resolved, running };
}

/** Stops the running ones of some instances, dependents first. */
export async function stopAttached(hosts: ReadonlySet<string>, lock: LockOptions): Promise<void> {
  await withProjectLock(lock, async (locked) => {
    const { engine, place, running, instances, keeperContext } = await findRunning(hosts);
    const steps = dropLeases(planStop(running, instances), running, keeperContext);
    await applyPlan(steps, engine, { locked, place, isPlain: true });
  });
}

/** Ends them at once. One that has ended meanwhile is none to kill. */
export async function killAttached(hosts: ReadonlySet<string>): Promise<void> {
  const { engine, running } = await findRunning(hosts);
  await actOnAll(engine, running, { kind: "kill", signal: "SIGKILL" });
}
