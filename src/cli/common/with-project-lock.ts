import { projectBusyError, reportLockHolder } from "../../ui/views/lock-holder.ts";
import { createHeldWork, type HeldWork } from "../../lib/held-work.ts";
import { heldWorkLimitMs } from "../../runtime/context.ts";
import { tryLock, noLock, type ProjectLock } from "../../runtime/lock/project-lock.ts";
import { ReynsError } from "../../errors.ts";
import type { ProjectFolder } from "../../model/project.ts";
import { stateFolder } from "../../model/resource-names.ts";
import { redactCall } from "../args/redact-call.ts";
import * as args from "../args/common.ts";
import { recordOrigin } from "./record-origin.ts";
import { listenForInterrupt } from "./interrupt.ts";

/** A project that no other command changes at the same time. */
export interface LockedProject {
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** The last command that changed the project was killed or interrupted, or failed. */
  readonly previousRunFailed: boolean;
  /** Lets other commands go first while a prompt is open: observe the Engine again afterwards. */
  readonly releaseLockWhile: <Value>(prompt: () => Promise<Value>) => Promise<Value>;
  /** How many steps run at the same time, if the caller chose a number. */
  readonly jobs: number | undefined;
  /** An interruption waits, for a limited time, until this work is over. */
  readonly holdExit: (work: Promise<unknown>) => void;
  /** Marks the start of the changes: from here on, an interruption leaves the project unfinished. */
  readonly begin: () => void;
  /** Marks the end of the changes: other commands need not wait until this one has ended. */
  readonly end: () => void;
}

export interface LockOptions {
  /** The project, or the copy of it; undefined when the command changes none. */
  readonly place: ProjectFolder | undefined;
  /** Seconds to wait for the lock; no limit when undefined. */
  readonly wait?: number | undefined;
  readonly jobs?: number | undefined;
}

/** The arguments `wait` and `jobs` of a command. */
interface LockArgs {
  readonly wait: string | undefined;
  readonly jobs: string | undefined;
}

/** @throws ReynsError INVALID_VALUE */
export function lockOptions(place: ProjectFolder, { wait, jobs }: LockArgs): LockOptions {
  return { place, wait: args.parseSeconds(wait, "wait"), jobs: args.parseJobs(jobs) };
}

/** Milliseconds for steps that have begun to end in order after an interruption. */
const interruptTimeout = 1500;

/** Milliseconds for a report, once the work that an interruption waits for is over. */
const reportTimeout = 500;

/** Milliseconds between two attempts to take the lock. */
const retryInterval = 50;

/**
 * Changes a project under its lock; waits for another command that holds it, and reports which one that is.
 *
 * @throws ReynsError BUSY when the lock is held for longer than `wait`; INTERRUPTED
 */
export async function withProjectLock<Value>(
  options: LockOptions,
  work: (locked: LockedProject) => Promise<Value>,
): Promise<Value> {
  const { controller, stop } = listenForInterrupt();
  const { signal } = controller;
  let lock: ProjectLock | undefined;
  let hasBegun = false;
  const release = (): void => {
    lock?.release();
    stop();
  };
  const end = (): void => {
    lock?.finish();
    release();
  };
  const held = createHeldWork();
  const interrupted = rejectAfterInterrupt(signal, { hasBegun: () => hasBegun, held });
  try {
    lock = await Promise.race([acquireLock(options, signal), interrupted]);
    const locked: LockedProject = {
      signal,
      previousRunFailed: lock.previousRunFailed,
      jobs: options.jobs,
      holdExit: held.add,
      releaseLockWhile: async (prompt) => {
        lock?.release();
        const answer = await prompt();
        lock = await acquireLock(options, signal);
        return answer;
      },
      begin: () => {
        hasBegun = true;
        lock?.begin();
      },
      end,
    };
    const value = await Promise.race([work(locked), interrupted]);
    end();
    return value;
  } finally {
    release();
  }
}

/** Rejects some time after an interruption, so that an Engine that does not answer cannot block the exit. */
async function rejectAfterInterrupt(
  signal: AbortSignal,
  { hasBegun, held }: { readonly hasBegun: () => boolean; readonly held: HeldWork },
): Promise<never> {
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  if (!hasBegun()) throw interruptError("interrupted; nothing was changed");
  await Bun.sleep(interruptTimeout);
  // What ends may be followed by more, such as starting again what has stopped.
  const limit = performance.now() + heldWorkLimitMs;
  while (held.isPending() && performance.now() < limit) {
    await held.settled(heldWorkLimitMs);
    // For the report of what runs now.
    await Bun.sleep(reportTimeout);
  }
  throw interruptError("interrupted");
}

function interruptError(message: string): ReynsError {
  return new ReynsError("INTERRUPTED", message);
}

async function acquireLock(
  { place, wait = Infinity }: LockOptions,
  signal: AbortSignal,
): Promise<ProjectLock> {
  if (place === undefined) return noLock;
  const folder = stateFolder(place);
  const start = performance.now();
  const tell = reportLockHolder();
  for (;;) {
    // Checked first: nothing would release a lock that is taken after the interruption.
    if (signal.aborted) throw interruptError("interrupted; nothing was changed");
    const taken = tryLock(folder, redactCall(process.argv.slice(2)));
    if ("release" in taken) {
      recordOrigin(place.folder);
      return taken;
    }
    const seconds = (performance.now() - start) / 1000;
    tell(taken.holder, seconds);
    if (seconds >= wait) throw projectBusyError(taken.holder, wait);
    await Bun.sleep(retryInterval);
  }
}
