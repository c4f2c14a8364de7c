import type { ObservedInstance } from "../../model/observed.ts";
import { runRemedy } from "../../model/problems.ts";
import { observeOlderImages, type OlderImage } from "../../runtime/observe/older-images.ts";
import type { Engine } from "../../runtime/connect.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { log } from "../../ui/output/log.ts";
import { listInstances } from "./context.ts";

/**
 * Names the instances that run an older image than the name of theirs means now. Where a rollback or a failed replacement
 * is the reason, it says so: replacing those again would bring back what they were spared.
 */
export async function warnOfOlderImages(
  engine: Engine,
  folder: string,
  observed?: readonly ObservedInstance[],
): Promise<void> {
  const instances = observed ?? (await listInstances()).instances;
  const older = await observeOlderImages(engine, folder, instances);
  const { restored = [], failed = [], outdated = [] } = Object.groupBy(older, reasonOf);
  for (const [version, those] of Map.groupBy(restored, (one) => one.restored)) {
    const verb = those.length === 1 ? "was" : "were";
    log.info(`${summarizeList(hostsOf(those), 8)} ${verb} rolled back to version ${version}`);
  }
  if (failed.length > 0) {
    const hosts = summarizeList(withImages(failed), 8);
    log.warn(`still with the former image, as the newer one failed: ${hosts}; fix the cause first`);
  }
  if (outdated.length > 0) {
    const hosts = summarizeList(withImages(outdated), 8);
    log.warn(`with an older image than there is now: ${hosts}; replace them: ${runRemedy}`);
  }
}

function reasonOf({ restored, hasFailed }: OlderImage): "restored" | "failed" | "outdated" {
  if (hasFailed) return "failed";
  return restored === undefined ? "outdated" : "restored";
}

function hostsOf(older: readonly OlderImage[]): string[] {
  return older.map(({ instance }) => instance.host);
}

function withImages(older: readonly OlderImage[]): string[] {
  return older.map(({ instance: { host, image } }) => `${host} (${image})`);
}
