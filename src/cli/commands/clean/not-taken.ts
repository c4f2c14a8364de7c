import { summarizeList } from "../../../lib/summarize-list.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import type { StoppedInstances } from "../../../plan/stopped.ts";
import { log } from "../../../ui/output/log.ts";

/** Names what `stopped=true` has left, although its own container has ended. */
export function reportNotTaken({ halfUp, done }: Omit<StoppedInstances, "leaving">): void {
  if (halfUp.length > 0)
    log.warn(
      `left, as a container from a replacement that was cut off still runs: ${namesOf(halfUp)}; reyns run completes the replacement`,
    );
  if (done.length > 0)
    log.info(
      `left, as the next run would repeat what is done: ${namesOf(done)}; name the service to remove it`,
    );
}

function namesOf(instances: readonly ObservedInstance[]): string {
  return summarizeList(
    instances.map(({ host }) => host),
    8,
  );
}
