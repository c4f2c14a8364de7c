import { ReynsError } from "../../../errors.ts";
import { copyNameOf, mainCopy } from "../../../model/copy-origin.ts";
import type { Project } from "../../../model/project.ts";
import { asCopy, checkCopyName } from "../../../project/copies.ts";
import { readCopyRecord, recordCopy } from "../../../project/copy-record.ts";
import { log } from "../../../ui/output/log.ts";
import { parseDuration } from "../../args/since.ts";
import { listInstances } from "../../common/context.ts";
import { requireCopy } from "../../common/require-copy.ts";
import { lockOptions, withProjectLock } from "../../common/with-project-lock.ts";
import { cloneCopy } from "./clone-copy.ts";
import type { RunArgs } from "./options.ts";

type CopyArgs = Pick<RunArgs, "ttl" | "from" | "wait" | "jobs">;

/**
 * Gives a new copy the data of another one, and records how long it lasts, before it is run.
 *
 * @throws ReynsError INVALID_VALUE, UNKNOWN_COPY, FILE_REFUSED
 */
export async function prepareCopy(project: Project, parsed: CopyArgs): Promise<void> {
  const copy = copyNameOf(project.origin);
  const { ttl, from } = parsed;
  if (copy === undefined)
    throw new ReynsError("INVALID_VALUE", "ttl and from are for copies", {
      hint: "name the copy: reyns run all copy=NAME ttl=3d from=main",
    });
  const changes = ttl === undefined ? {} : { expiresAt: expiryOf(ttl) };
  if (from === undefined) return recordCopy(project, new Date(), changes);
  await withProjectLock(lockOptions(project, parsed), async () => {
    if (await isToClone(project, copy, from)) {
      const source = { ...project, ...asCopy(project, from) };
      await withProjectLock(lockOptions(source, parsed), (locked) =>
        cloneCopy(project, source, locked),
      );
      log.success(`${copy} begins with the data of ${from}`);
    }
    recordCopy(project, new Date(), { ...changes, from });
  });
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
  const record = readCopyRecord(project);
  if (record?.from === from) return false;
  const { instances } = await listInstances({ mayBeNew: true });
  if (record === undefined && instances.length === 0) {
    if (from !== mainCopy) requireCopy(asCopy(project, from));
    return true;
  }
  const hint = `from= is for a new one; remove this one first: reyns clean all copy=${copy}`;
  throw new ReynsError("INVALID_VALUE", `the copy ${copy} has data of its own`, { hint });
}
