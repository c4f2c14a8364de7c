import { log } from "../../../ui/output/log.ts";
import { ReynsError } from "../../../errors.ts";
import { throwAwayFolder } from "../../../model/resource-names.ts";
import { copyVariable } from "../../../project/copies.ts";
import { checkOwnFolder } from "../../../project/locate.ts";
import {
  claimThrowAway,
  throwAwayRecord,
  type ThrowAwayCopy,
  type ThrowAwayRecord,
} from "../../../runtime/lock/throw-away.ts";
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
): Promise<Value> {
  checkOwnFolder(throwAwayFolder(folder));
  const record = throwAwayRecord(project, process.env);
  const copy = claimThrowAway(folder, record);
  process.env[copyVariable] = copy.name;
  let isInterrupted = false;
  try {
    return await work();
  } catch (error) {
    isInterrupted = error instanceof ReynsError && error.code === "INTERRUPTED";
    throw error;
  } finally {
    if (keep && !isInterrupted) leave(copy);
    else await remove(copy, folder, record);
    delete process.env[copyVariable];
  }
}

/** The next command of the project tries again. */
async function remove(
  { name, release }: ThrowAwayCopy,
  folder: string,
  record: ThrowAwayRecord,
): Promise<void> {
  const reason = await removeThrowAway(folder, name, record);
  if (reason === undefined) release();
  else log.warn(`the copy ${name} is still there, and goes with the next command: ${reason}`);
}

function leave({ name, release }: ThrowAwayCopy): void {
  release();
  log.info(`the copy ${name} stays: reyns ps copy=${name}, reyns logs all copy=${name}`);
  log.info(
    `test in it again: reyns test copy=${name}; remove it: reyns clean all copy=${name} force`,
  );
}
