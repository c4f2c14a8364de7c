import { hasCode } from "../../errors.ts";
import { asCopy, copyVariable } from "../../project/copies.ts";
import { isExpired, listExpiredCopies } from "../../project/copy-record.ts";
import type { ProjectPlace } from "../../project/locate.ts";
import { log } from "../../ui/output/log.ts";

/** Removes the copies of a project whose time is over. What cannot be removed now waits for the next command. */
export async function removeExpiredCopies(place: ProjectPlace): Promise<void> {
  for (const name of listExpiredCopies(place, new Date(), process.env)) {
    log.info(`the time of the copy ${name} is over`);
    await withCopy(name, () => removeNow(asCopy(place, name), name));
  }
}

/** Nothing about it may keep the project's own commands from working. */
async function removeNow(place: ProjectPlace, name: string): Promise<void> {
  try {
    const { removeCopy } = await import("../commands/clean/remove-copy.ts");
    await removeCopy(place, {
      isConfirmed: true,
      lock: { wait: "0", jobs: undefined },
      // Another command may have given it more time.
      isStillDue: () => isExpired(place, new Date(), process.env),
    });
  } catch (error) {
    if (hasCode(error, "INTERRUPTED")) throw error;
    log.warn(`the copy ${name} is still there: ${firstLine(error)}; reyns clean all copy=${name}`);
  }
}

function firstLine(error: unknown): string {
  const reason: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return reason instanceof Error ? (reason.message.split("\n")[0] ?? "") : String(reason);
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
