import { hasCode, messageOf } from "../../errors.ts";
import type { ProjectFolder } from "../../model/project.ts";
import { stateFolder } from "../../model/resource-names.ts";
import { isSelectedBy } from "../../model/engine-selection.ts";
import { listClones, readCloneRecord, writeCloneRecord } from "../../project/clone-record.ts";
import { asCopy } from "../../project/copies.ts";
import { resumeContainers } from "../../runtime/copies/resume.ts";
import { createHolder } from "../../runtime/lock/holder.ts";
import { tryLock } from "../../runtime/lock/project-lock.ts";
import { log } from "../../ui/output/log.ts";
import { redactCall } from "../args/redact-call.ts";
import { connectEngine } from "./context.ts";

/** Lets instances go on that a call has paused to copy their data, and that was killed meanwhile. */
export async function resumePaused(place: ProjectFolder): Promise<void> {
  for (const name of listClones(place.folder)) {
    const copy = asCopy(place, name);
    if (!isToResume(copy)) continue;
    const lock = tryLock(stateFolder(copy), createHolder(redactCall(process.argv.slice(2))));
    // The call is still at work.
    if (!("release" in lock)) continue;
    try {
      await resume(copy, name);
    } finally {
      lock.release();
    }
  }
}

function isToResume(copy: ProjectFolder): boolean {
  const record = readCloneRecord(copy);
  return (
    record !== undefined && record.paused.length > 0 && isSelectedBy(process.env, record.selection)
  );
}

async function resume(copy: ProjectFolder, name: string): Promise<void> {
  const record = readCloneRecord(copy);
  if (!record) return;
  try {
    const names = await resumeContainers(await connectEngine(), record.paused, copy.origin);
    writeCloneRecord(copy, { ...record, paused: [] }, process.env);
    if (names.length > 0)
      log.warn(
        `${names.join(", ")} goes on: paused by a call that was killed while it copied data`,
      );
  } catch (error) {
    if (hasCode(error, "INTERRUPTED")) throw error;
    const reason = messageOf(error);
    log.warn(`paused for the copy ${name}, and cannot go on: ${reason}; reyns unpause all`);
  }
}
