import type { ObservedInstance } from "../../model/observed.ts";
import { runRemedy } from "../../model/problems.ts";
import { observeOlderImages } from "../../runtime/observe/older-images.ts";
import type { Engine } from "../../runtime/connect.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { log } from "../../ui/output/log.ts";
import { listInstances } from "./context.ts";

/** Names the instances that run an older image than the name of theirs means now. */
export async function warnOfOlderImages(
  engine: Engine,
  folder: string,
  observed?: readonly ObservedInstance[],
): Promise<void> {
  const instances = observed ?? (await listInstances()).instances;
  const older = await observeOlderImages(engine, folder, instances);
  if (older.length === 0) return;
  const hosts = summarizeList(
    older.map(({ host, image }) => `${host} (${image})`),
    8,
  );
  log.warn(`with an older image than there is now: ${hosts}; replace them: ${runRemedy}`);
}
