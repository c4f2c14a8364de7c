import { log } from "../../../ui/output/log.ts";
import { ReynsError } from "../../../errors.ts";
import { isRunning, type ObservedInstance } from "../../../model/observed.ts";
import { listInstances } from "../../common/context.ts";

/** Lists running instances that still use replaced keys, a DNS first; undefined when no Engine answers. */
export async function listWithOutdatedKeys(): Promise<readonly ObservedInstance[] | undefined> {
  return (await listWithKeys())
    ?.filter((instance) => instance.hasOldKeys && isRunning(instance))
    .toSorted((a, b) => Number(b.isDns) - Number(a.isDns));
}

/** What has been started in this folder, with what is known of its keys; undefined when no Engine answers. */
export async function listWithKeys(): Promise<readonly ObservedInstance[] | undefined> {
  try {
    return (await listInstances({ mayBeNew: true })).instances;
  } catch (error) {
    // The keys are managed without an Engine, too.
    if (error instanceof ReynsError) return undefined;
    throw error;
  }
}

/** Suggests reruns: until then, the DNS may reject updates of these instances. */
export function suggestReruns(outdated: readonly ObservedInstance[]): void {
  const [first] = outdated;
  if (!first) return;
  const hosts = outdated.map(({ host }) => host).join(", ");
  const isOnlyOne = outdated.length === 1;
  const verb = isOnlyOne ? "uses" : "use";
  const target = isOnlyOne ? `${first.service} ${first.instance}` : "all";
  log.info(`${hosts} still ${verb} the old keys: reyns rerun ${target}`);
}
