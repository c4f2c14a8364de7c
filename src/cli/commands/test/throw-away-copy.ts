import { log } from "../../../ui/output/log.ts";
import { hasCode, ReynsError } from "../../../errors.ts";
import { throwAwayFolder } from "../../../model/resource-names.ts";
import { copyVariable } from "../../../project/copies.ts";
import { checkOwnFolder } from "../../../project/locate.ts";
import {
  claimThrowAway,
  throwAwayRecord,
  type ThrowAwayCopy,
  type ThrowAwayRecord,
} from "../../../runtime/lock/throw-away.ts";
import { connectEngine } from "../../common/context.ts";
import { removeThrowAway } from "../../common/remove-throw-away.ts";

export interface ThrowAwayOptions {
  /** Folder and name of the project. */
  readonly folder: string;
  readonly project: string;
  /** Leaves the copy for a look. */
  readonly keep: boolean;
}

/**
 * Works in a new copy of the project, which this process's environment selects meanwhile, and removes it whatever happens.
 * An interruption does not break the removal off.
 */
export async function withThrowAwayCopy<Value>(
  { folder, project, keep }: ThrowAwayOptions,
  work: () => Promise<Value>,
  signal: AbortSignal,
): Promise<Value> {
  checkOwnFolder(throwAwayFolder(folder));
  const record = throwAwayRecord(project, process.env);
  const copy = claimThrowAway(folder, record);
  process.env[copyVariable] = copy.name;
  const leaveOrRemove = async (isInterrupted: boolean): Promise<boolean> => {
    const isLeft = keep && !isInterrupted;
    const isGone = !isLeft && (await remove(copy, folder, record));
    if (isLeft) leave(copy);
    delete process.env[copyVariable];
    return isGone;
  };
  const [settled] = await Promise.allSettled([work()]);
  if (settled.status === "fulfilled") {
    await leaveOrRemove(false);
    return settled.value;
  }
  const { reason } = settled as { readonly reason: unknown };
  const isInterrupted = hasCode(reason, "INTERRUPTED");
  const isGone = await leaveOrRemove(isInterrupted);
  throw isInterrupted && signal.aborted ? interrupted(reason, { isGone, keep }) : reason;
}

/** What a run says of its instances when it is broken off is about none that is there any more. */
function interrupted(
  cause: ReynsError,
  { isGone, keep }: { readonly isGone: boolean; readonly keep: boolean },
): ReynsError {
  const removed = isGone ? "the copy was removed; " : "";
  const message = `interrupted; ${removed}no receipt was written`;
  const hint = keep
    ? "keep=true leaves the copy of tests that have ended, not that of a call that was interrupted"
    : "to have the tests in a copy that stays, whatever happens: reyns run all copy=NAME, reyns test copy=NAME";
  return new ReynsError("INTERRUPTED", message, { hint, cause });
}

/**
 * The next command of the project tries again.
 *
 * @returns whether it is gone
 */
async function remove(
  { name, release }: ThrowAwayCopy,
  folder: string,
  record: ThrowAwayRecord,
): Promise<boolean> {
  const reason = (await hasConnected()) ? await removeThrowAway(folder, name, record) : undefined;
  if (reason === undefined) release();
  else log.warn(`the copy ${name} is still there, and goes with the next command: ${reason}`);
  return reason === undefined;
}

/** Where no Engine has answered, nothing was made. */
async function hasConnected(): Promise<boolean> {
  const answered = connectEngine().then(({ features }) => features());
  return answered.then(
    () => true,
    () => false,
  );
}

function leave({ name, release }: ThrowAwayCopy): void {
  release();
  log.info(`the copy ${name} stays: reyns ps copy=${name}, reyns logs all copy=${name}`);
  log.info(
    `test in it again: reyns test copy=${name}; remove it: reyns clean all copy=${name} force`,
  );
}
