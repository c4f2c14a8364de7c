import { ReynsError } from "../../errors.ts";
import { asCopy, copyVariable } from "../../project/copies.ts";
import { listExpiredCopies } from "../../project/copy-record.ts";
import type { ProjectPlace } from "../../project/locate.ts";
import { log } from "../../ui/output/log.ts";
import { removeCopy } from "../commands/clean/remove-copy.ts";

/** Removes the copies of a project whose time is over. What cannot be removed now waits for the next command. */
export async function removeExpiredCopies(place: ProjectPlace): Promise<void> {
  for (const name of listExpiredCopies(place, Date.now())) {
    log.info(`the time of the copy ${name} is over`);
    await withCopy(name, () => removeNow(asCopy(place, name), name));
  }
}

async function removeNow(place: ProjectPlace, name: string): Promise<void> {
  try {
    await removeCopy(place, { isConfirmed: true, lock: { wait: "0", jobs: undefined } });
  } catch (error) {
    if (!(error instanceof ReynsError) || error.code === "INTERRUPTED") throw error;
    log.warn(`the copy ${name} is still there: ${error.message}; reyns clean all copy=${name}`);
  }
}

/** Whatever locates the project meanwhile finds this copy. */
async function withCopy(name: string, work: () => Promise<void>): Promise<void> {
  const before = process.env[copyVariable];
  process.env[copyVariable] = name;
  try {
    await work();
  } finally {
    if (before === undefined) delete process.env[copyVariable];
    else process.env[copyVariable] = before;
  }
}
