import { existsSync, rmSync } from "node:fs";
import { ReynsError } from "../../../errors.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import type { ObservedVolume } from "../../../model/observed-volume.ts";
import { copyNameOf } from "../../../model/copy-origin.ts";
import { stateFolder } from "../../../model/resource-names.ts";
import type { RemoveData } from "../../../model/steps.ts";
import { pluralize } from "../../../lib/pluralize.ts";
import { readCopyRecord, recordCopy } from "../../../project/copy-record.ts";
import { dataFolderOf, type ProjectPlace } from "../../../project/locate.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { findHelperImage } from "../../../runtime/observe/helper-image.ts";
import { observeVolumes } from "../../../runtime/observe/volumes.ts";
import { log } from "../../../ui/output/log.ts";
import { confirmOrCancel } from "../../../ui/prompts/prompts.ts";
import { applyPlan } from "../../common/apply-plan.ts";
import { connectEngine, listInstances, loadProject } from "../../common/context.ts";
import { partialNodes } from "../../common/one-engine.ts";
import {
  lockOptions,
  withProjectLock,
  type LockedProject,
} from "../../common/with-project-lock.ts";
import { cleanInstances } from "./clean-instances.ts";

export interface RemoveCopyOptions {
  /** Asks nothing. */
  readonly isConfirmed: boolean;
  /** Seconds to end before instances are killed, instead of each container's own. */
  readonly stopTimeout?: number | undefined;
  readonly lock?: { readonly wait: string | undefined; readonly jobs: string | undefined };
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
  { isConfirmed, stopTimeout, lock = { wait: undefined, jobs: undefined } }: RemoveCopyOptions,
): Promise<readonly ObservedInstance[]> {
  const copy = copyNameOf(place.origin) ?? "";
  const holdings = await findHoldings(place);
  if (holdings === undefined) {
    log.info(`nothing to clean: there is no copy ${copy}`);
    return [];
  }
  return withProjectLock(lockOptions(place, lock), async (locked) => {
    const data = await hasDataToRemove();
    const question = `Remove the copy ${copy} with all its data: ${holdings}?`;
    if (!isConfirmed && holdings !== "")
      await locked.releaseLockWhile(() =>
        confirmOrCancel({ question, hint: "add force=true", yes: false }),
      );
    recordCopy(place, new Date());
    const { removed, project } = await cleanInstances({ ...wholeCopy, data, stopTimeout }, locked);
    await removeDataFolder({ ...place, name: project.name }, removed, locked);
    rmSync(stateFolder(place), { recursive: true, force: true });
    log.success(`removed the copy ${copy}`);
    return removed;
  });
}

const wholeCopy = {
  target: { service: "all", instance: undefined, group: undefined, example: "" },
  hosts: undefined,
  notIn: undefined,
  isConfirmed: true,
} as const;

/**
 * Whether data has to be looked for. On several machines it is removed before, on one at a time.
 *
 * @throws ReynsError INVALID_VALUE where there is some, or may be on a machine that is not connected
 */
async function hasDataToRemove(): Promise<boolean> {
  const { engine, project, instances } = await listInstances({ mayBeNew: true });
  if (partialNodes(engine))
    throw new ReynsError("INVALID_VALUE", "a copy is removed when all of its machines answer", {
      hint: "leave node= out",
    });
  const { members = [] } = engine.fleet ?? {};
  if (members.length < 2) return true;
  const name = project.name ?? (await loadProject()).name;
  const volumes = await volumesOf(engine, { ...project, name });
  if (instances.length + volumes.length === 0) return false;
  const names = members.map((member) => member.name).join(", ");
  throw new ReynsError("INVALID_VALUE", "the data of a copy is removed on one machine at a time", {
    hint: `add data=true node=NAME, for each of these: ${names}; then call this again`,
  });
}

/** On all machines. */
async function volumesOf(
  engine: Engine,
  project: Parameters<typeof observeVolumes>[1],
): Promise<ObservedVolume[]> {
  const engines = engine.fleet?.members.map((member) => member.engine) ?? [engine];
  return (await Promise.all(engines.map((own) => observeVolumes(own, project)))).flat();
}

/** What a copy has, in words: empty where nothing can be lost. Undefined for a copy that is not there. */
async function findHoldings(place: ProjectPlace): Promise<string | undefined> {
  const { engine, project, instances } = await listInstances({ mayBeNew: true });
  const name = project.name ?? (await loadProject()).name;
  const volumes = await volumesOf(engine, { ...project, name });
  const hasFolder = existsSync(dataFolderOf({ ...project, name }, process.env));
  const parts = [
    ...(instances.length > 0 ? [pluralize(instances.length, "instance")] : []),
    ...(volumes.length > 0 ? [pluralize(volumes.length, "volume")] : []),
    ...(hasFolder ? ["its data folder"] : []),
  ];
  return parts.length > 0 || readCopyRecord(place) ? parts.join(", ") : undefined;
}

/** Services write as other users, so that the Engine may have to remove it. */
async function removeDataFolder(
  place: ProjectPlace & { readonly name: string | undefined },
  removed: readonly ObservedInstance[],
  locked: LockedProject,
): Promise<void> {
  const name = place.name ?? (await loadProject()).name;
  const folder = dataFolderOf({ ...place, name }, process.env);
  const engine = await connectEngine();
  if (!engine.local || !existsSync(folder)) return;
  const image = (await findHelperImage(engine, place.origin)) || removed[0]?.imageId || "";
  const step: RemoveData = {
    kind: "remove-data",
    id: "data folder",
    after: [],
    title: "data folder",
    reason: "the copy is removed",
    project: { name, origin: place.origin },
    folders: [folder],
    image,
  };
  await applyPlan([step], engine, { locked, place });
}
