import { say } from "../../../ui/output/print.ts";
import { flowing } from "../../../ui/output/wrap.ts";
import { ReynsError } from "../../../errors.ts";
import { isRunning, type ObservedInstance } from "../../../model/observed.ts";
import { listInstances } from "../../shared/context.ts";

/** What runs here with keys that have been replaced since, the DNS first; undefined where no Engine tells. */
export async function listWithOutdatedKeys(): Promise<readonly ObservedInstance[] | undefined> {
  try {
    const { instances } = await listInstances();
    return instances
      .filter((one) => one.hasOldKeys && isRunning(one))
      .toSorted((one, other) => Number(other.isDns) - Number(one.isDns));
  } catch (error) {
    // The keys are one thing, the Engine another.
    if (error instanceof ReynsError) return undefined;
    throw error;
  }
}

/** Until then they and the DNS may not understand each other. */
export function suggestReruns(old: readonly ObservedInstance[]): void {
  if (old.length === 0) return;
  const hosts = old.map(({ host }) => host).join(", ");
  const [first] = old;
  const what = old.length === 1 && first ? `${first.service} ${first.instance}` : "all";
  const verb = old.length === 1 ? "runs" : "run";
  say(flowing(`${hosts} still ${verb} with the old keys: reyns rerun ${what}`, 2));
}
