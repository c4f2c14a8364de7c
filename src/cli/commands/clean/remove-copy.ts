import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { summarizeList } from "../../../lib/summarize-list.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import { copyNameOf } from "../../../model/copy-origin.ts";
import { stateFolder } from "../../../model/resource-names.ts";
import { readCloneRecord } from "../../../project/clone-record.ts";
import { recordCopy } from "../../../project/copy-record.ts";
import type { ProjectPlace } from "../../../project/locate.ts";
import { removeHelpers } from "../../../runtime/copies/helpers.ts";
import { listRecords, removeUnbegun } from "../../../runtime/private-folder.ts";
import { log } from "../../../ui/output/log.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { applyPlan } from "../../common/apply-plan.ts";
import { connectEngine } from "../../common/context.ts";
import { folderRemoval } from "../../common/folder-removal.ts";
import {
  lockOptions,
  withProjectLock,
  type LockedProject,
} from "../../common/with-project-lock.ts";
import { shortPath } from "./data.ts";
import { cleanInstances } from "./clean-instances.ts";
import {
  findHoldings,
  hasDataToRemove,
  listHoldings,
  requireConfirmed,
  type Holdings,
} from "./copy-holdings.ts";

export interface RemoveCopyOptions {
  /** Asks nothing. */
  readonly isConfirmed: boolean;
  /** Seconds to end before instances are killed, instead of each container's own. */
  readonly stopTimeout?: number | undefined;
  readonly lock?: { readonly wait: string | undefined; readonly jobs: string | undefined };
  /** Whether it is still to be removed, once no other command can change it. */
  readonly isStillDue?: () => boolean;
}

/**
 * Removes a copy of a project: its instances, network, volumes, data folder and records. The project, its keys and
 * images, and other copies are not touched.
 *
 * @param place of the copy, which is also the one that `process.env.REYNS_COPY` selects
 * @returns the instances that were removed
 */
export async function removeCopy(
  place: ProjectPlace,
  options: RemoveCopyOptions,
): Promise<readonly ObservedInstance[]> {
  const { lock, isStillDue = () => true } = options;
  const copy = copyNameOf(place.origin) ?? "";
  if ((await findHoldings(place)) === undefined) {
    await removeLeft(place, copy, options);
    log.info(`nothing to clean: there is no copy ${copy}`);
    return [];
  }
  return withProjectLock(lockOptions(place, lock), async (locked) => {
    if (!isStillDue()) return [];
    const data = await hasDataToRemove();
    const holdings = await confirmHoldings(place, copy, options.isConfirmed, locked);
    if (holdings === undefined) {
      // Another call has removed it, and this one has made the folder again for the lock.
      removeUnbegun(stateFolder(place));
      return [];
    }
    recordCopy(place, new Date());
    if (readCloneRecord(place)) await removeHelpers(await connectEngine(), place.origin);
    const { stopTimeout } = options;
    const { removed } = await cleanInstances({ ...wholeCopy, data, stopTimeout }, locked);
    await removeDataFolder(holdings, removed, locked);
    await endCopy(place, copy);
    return removed;
  });
}

/**
 * A call that ended before it had anything of the copy leaves a folder with its lock. What else is there may have been
 * prepared by hand, or be of a copy on another Engine.
 */
async function removeLeft(
  place: ProjectPlace,
  copy: string,
  { lock, isConfirmed }: RemoveCopyOptions,
): Promise<void> {
  const folder = stateFolder(place);
  if (!existsSync(folder)) return;
  const left = listRecords(folder);
  if (left.length > 0 && !isConfirmed) {
    const question = `Nothing is here of the copy ${copy} but its folder ${shortPath(folder)}. Remove it with ${summarizeList(left, 8)}?`;
    await confirmOrCancel({ question, hint: "add yes=true", yes: false });
  }
  await withProjectLock(lockOptions(place, lock), async () => {
    if (!existsSync(folder) || (await findHoldings(place)) !== undefined) return;
    requireConfirmed(listRecords(folder), left, copy);
    removeRecords(place);
  });
}

function removeRecords(place: ProjectPlace): void {
  const folder = stateFolder(place);
  if (!existsSync(folder)) return;
  for (const name of listRecords(folder)) rmSync(join(folder, name), { recursive: true });
  removeUnbegun(folder);
}

const wholeCopy = {
  target: { service: "all", instance: undefined, group: undefined, example: "" },
  hosts: undefined,
  notIn: undefined,
  isConfirmed: true,
} as const;

/** What the copy has, all of which was named in the question; undefined where it has gone meanwhile. */
async function confirmHoldings(
  place: ProjectPlace,
  copy: string,
  isConfirmed: boolean,
  locked: LockedProject,
): Promise<Holdings | undefined> {
  const named = await findHoldings(place);
  const parts = named ? listHoldings(named) : [];
  if (isConfirmed || parts.length === 0) return named;
  const question = `Remove the copy ${copy} with all its data: ${parts.join(", ")}?`;
  await locked.releaseLockWhile(() =>
    confirmOrCancel({ question, hint: "add yes=true", yes: false }),
  );
  const found = await findHoldings(place);
  if (found) requireConfirmed(listHoldings(found), parts, copy);
  return found;
}

/** Services write as other users, so that the Engine may have to remove it. */
async function removeDataFolder(
  { project, folder }: Holdings,
  removed: readonly ObservedInstance[],
  locked: LockedProject,
): Promise<void> {
  if (folder === undefined) return;
  const engine = await connectEngine();
  const step = await folderRemoval(engine, project, folder, removed[0]?.imageId);
  await applyPlan([step], engine, { locked, place: project });
}

/** Without its records, nothing would list what is left of it. */
async function endCopy(place: ProjectPlace, copy: string): Promise<void> {
  const left = await findHoldings(place);
  const parts = left ? listHoldings(left) : [];
  if (parts.length > 0) {
    const again = `reyns clean all copy=${copy}`;
    return log.warn(`left of the copy ${copy}: ${parts.join(", ")}; remove what uses it: ${again}`);
  }
  removeRecords(place);
  log.success(`removed the copy ${copy}`);
}
