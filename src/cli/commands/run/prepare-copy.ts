import { existsSync, readdirSync } from "node:fs";
import { ReynsError } from "../../../errors.ts";
import { copyNameOf, mainCopy } from "../../../model/copy-origin.ts";
import { nodesOf } from "../../../model/nodes.ts";
import type { Project } from "../../../model/project.ts";
import { dataFolderEntries } from "../../../model/resource-names.ts";
import { readCloneRecord, removeCloneRecord } from "../../../project/clone-record.ts";
import { asCopy, checkCopyName, selectedCopy } from "../../../project/copies.ts";
import { readCopyRecord, recordCopy } from "../../../project/copy-record.ts";
import { checkDataFolder } from "../../../project/data-folder.ts";
import { observeVolumes } from "../../../runtime/observe/volumes.ts";
import { log } from "../../../ui/output/log.ts";
import { parseDuration } from "../../args/since.ts";
import { listInstances } from "../../common/context.ts";
import { requireCopy } from "../../common/require-copy.ts";
import {
  lockOptions,
  withProjectLock,
  type LockedProject,
} from "../../common/with-project-lock.ts";
import { cloneCopy } from "./clone-copy.ts";
import type { RunArgs } from "./options.ts";

type CopyArgs = Pick<RunArgs, "ttl" | "from" | "wait" | "jobs">;

/** @throws ReynsError INVALID_VALUE */
export function checkCopyCall({ ttl }: CopyArgs): void {
  if (selectedCopy(process.env) === undefined) throw noCopyError();
  if (ttl !== undefined) expiryOf(ttl);
}

function noCopyError(): ReynsError {
  const hint = "name the copy: reyns run all copy=NAME ttl=3d from=main";
  return new ReynsError("INVALID_VALUE", "ttl and from are for copies", { hint });
}

/**
 * Gives a new copy the data of another one, and records how long it lasts, before it is run.
 *
 * @throws ReynsError INVALID_VALUE, UNKNOWN_COPY, NAME_TAKEN, FILE_REFUSED
 */
export async function prepareCopy(project: Project, parsed: CopyArgs): Promise<void> {
  const copy = copyNameOf(project.origin);
  const { ttl, from } = parsed;
  if (copy === undefined) throw noCopyError();
  if (from !== undefined) requireOneMachine(project);
  const expiresAt = ttl === undefined ? undefined : expiryOf(ttl);
  const changes = ttl === undefined ? {} : { expiresAt };
  await withProjectLock(lockOptions(project, parsed), async (locked) => {
    if (from === undefined) return recordCopy(project, new Date(), changes);
    if (await isToClone(project, copy, from)) await clone(project, { copy, from, parsed, locked });
    recordCopy(project, new Date(), { ...changes, from });
    removeCloneRecord(project);
  });
}

interface CloneOptions {
  readonly copy: string;
  readonly from: string;
  readonly parsed: CopyArgs;
  readonly locked: LockedProject;
}

async function clone(
  project: Project,
  { copy, from, parsed, locked }: CloneOptions,
): Promise<void> {
  const source = { ...project, ...asCopy(project, from) };
  await withProjectLock(lockOptions(source, parsed), async (sourceLocked) => {
    // It may have been removed while this call has waited.
    if (from !== mainCopy) requireCopy(source);
    await cloneCopy(project, source, [locked, sourceLocked]);
  });
  log.success(`${copy} begins with the data of ${from}`);
}

function requireOneMachine({ conf }: Project): void {
  if (nodesOf(conf).length === 0) return;
  const hint = "leave from= out: the copy begins without data";
  const message = "from= copies data on one machine, and this conf runs on several";
  throw new ReynsError("INVALID_VALUE", message, { hint });
}

function expiryOf(ttl: string): string | undefined {
  if (ttl === "none") return undefined;
  return new Date(Date.now() + parseDuration(ttl, "ttl") * 1000).toISOString();
}

/** Not again where the same call has done it: data that was written since would be lost. */
async function isToClone(project: Project, copy: string, from: string): Promise<boolean> {
  if (from !== mainCopy) checkCopyName(from);
  if (from === copy)
    throw new ReynsError("INVALID_VALUE", `the copy ${copy} cannot begin with its own data`);
  const isInterrupted = readCloneRecord(project) !== undefined;
  const record = readCopyRecord(project);
  if (record?.from === from && !isInterrupted) return false;
  if (await isNew(project, { isInterrupted, isRecorded: record !== undefined })) {
    if (from !== mainCopy) requireCopy(asCopy(project, from));
    return true;
  }
  const hint = `from= is for a new one; remove this one first: reyns clean all copy=${copy}`;
  throw new ReynsError("INVALID_VALUE", `the copy ${copy} has data of its own`, { hint });
}

/** Whether nothing of a copy can be lost. What an interrupted call has copied is no data of its own. */
async function isNew(
  project: Project,
  { isInterrupted, isRecorded }: Readonly<Record<"isInterrupted" | "isRecorded", boolean>>,
): Promise<boolean> {
  const { engine, instances } = await listInstances({ mayBeNew: true });
  if (instances.length > 0) return false;
  if (engine.local) checkDataFolder(project);
  if (isInterrupted) return true;
  if (isRecorded || (engine.local && hasEntries(project.dataFolder))) return false;
  return (await observeVolumes(engine, project)).length === 0;
}

function hasEntries(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((entry) => !dataFolderEntries.has(entry));
}
