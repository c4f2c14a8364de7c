import { selectedCopy } from "../../project/copies.ts";
import { checkOwnFolder } from "../../project/locate.ts";
import { throwAwayFolder } from "../../model/resource-names.ts";
import { findAbandoned } from "../../runtime/lock/throw-away.ts";
import { log } from "../../ui/output/log.ts";
import { removeThrowAway } from "./remove-throw-away.ts";

/**
 * Removes the copies of `reyns test` calls that were killed. Commands about a copy leave them to others.
 *
 * @throws ReynsError INVALID_PROJECT
 */
export async function removeAbandonedCopies(folder: string): Promise<void> {
  if (selectedCopy(process.env) !== undefined) return;
  checkOwnFolder(throwAwayFolder(folder));
  for (const { name, record, release, leave } of findAbandoned(folder)) {
    const reason = await removeThrowAway(folder, name, record);
    if (reason === undefined) {
      release();
      log.info(`removed the copy ${name}: its reyns test was killed`);
    } else {
      leave();
      log.warn(`the copy ${name} of a reyns test that was killed is still there: ${reason}`);
    }
  }
}
