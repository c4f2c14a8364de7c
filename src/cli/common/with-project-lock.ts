import { setTimeout as sleep } from "node:timers/promises";
import { createHeldWork, type HeldWork } from "../../lib/held-work.ts";
import { heldWorkLimitMs } from "../../runtime/context.ts";
import type { ProjectFolder } from "../../model/project.ts";
import type { LockHolder } from "../../runtime/lock/holder.ts";
import { lockLostError } from "../../ui/views/lock-holder.ts";
import * as args from "../args/common.ts";
import {
  acquireLocks,
  interruptError,
  nothingChanged,
  releaseTimeout,
  type HeldLocks,
  type LockEvents,
  type LockRequest,
} from "./acquire-locks.ts";
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

export interface LockOptions extends LockRequest {
  readonly jobs?: number | undefined;
}

/** The arguments `wait` and `jobs` of a command. */
interface LockArgs {
  readonly wait?: string | undefined;
  readonly jobs?: string | undefined;
}

/** @throws ReynsError INVALID_VALUE */
export function lockOptions(place: ProjectFolder, { wait, jobs }: LockArgs = {}): LockOptions {
  const timeout = args.parseSeconds(wait, "wait");
  return { place, onEngine: true, wait: timeout, jobs: args.parseJobs(jobs) };
}

/** Milliseconds for steps that have begun to end in order after an interruption. */
const interruptTimeout = 1500;

/** Milliseconds for a report, once the work that an interruption waits for is over. */
const reportTimeout = 500;

/**
 * Changes a project under its lock; waits for another command that holds it, and reports which one that is.
 *
 * @throws ReynsError BUSY when the lock is held for longer than `wait`; INTERRUPTED
 */
export async function withProjectLock<Value>(
  options: LockOptions,
  work: (locked: LockedProject) => Promise<Value>,
): Promise<Value> {
  let locks: HeldLocks | undefined;
  let hasBegun = false;
  const { signal, held, broken, onLost, stop } = listenForBreak(() => hasBegun);
  const { acquire, ...last } = createLockCycle(options, { signal, onLost });
  const release = async (): Promise<void> => {
    stop();
    await last.release();
  };
  const end = (): Promise<void> => {
    locks?.finish();
    return release();
  };
  try {
    locks = await Promise.race([acquire(), broken]);
    const locked: LockedProject = {
      signal,
      previousRunFailed: locks.previousRunFailed,
      jobs: options.jobs,
      holdExit: held.add,
      releaseLockWhile: async (prompt) => {
        await locks?.release();
        const answer = await prompt();
        locks = await acquire();
        return answer;
      },
      begin: () => {
        hasBegun = true;
        locks?.begin();
      },
      end: () => void end(),
    };
    const value = await Promise.race([work(locked), broken]);
    await end();
    return value;
  } finally {
    await release();
  }
}

interface LockCycle {
  readonly acquire: () => Promise<HeldLocks>;
  /** Releases what was acquired last, or what an attempt gets that was under way at an interruption. */
  readonly release: () => Promise<void>;
}

function createLockCycle(request: LockRequest, events: LockEvents): LockCycle {
  let acquired: Promise<HeldLocks | undefined> = Promise.resolve(undefined);
  return {
    acquire: () => {
      const pending = acquireLocks(request, events);
      acquired = pending.catch(() => undefined);
      return pending;
    },
    release: async () => {
      // An attempt that fails releases what it had got on other Engines.
      const timeout = sleep(releaseTimeout, undefined, { ref: false });
      await (await Promise.race([acquired, timeout]))?.release();
    },
  };
}

/** What breaks a call off: an interruption, or the loss of its lock. */
interface BreakListener extends LockEvents {
  readonly held: HeldWork;
  /** Rejects with the reason. */
  readonly broken: Promise<never>;
  readonly stop: () => void;
}

function listenForBreak(hasBegun: () => boolean): BreakListener {
  const { controller, stop } = listenForInterrupt();
  const { signal } = controller;
  const held = createHeldWork();
  const lost = Promise.withResolvers<never>();
  const broken = Promise.race([lost.promise, rejectAfterInterrupt(signal, { hasBegun, held })]);
  // Also while nobody awaits it.
  broken.catch(() => {});
  const onLost = (by: LockHolder | undefined): void => {
    lost.reject(lockLostError(by));
    controller.abort();
  };
  return { signal, held, broken, onLost, stop };
}

/** Rejects some time after an interruption, so that an Engine that does not answer cannot block the exit. */
async function rejectAfterInterrupt(
  signal: AbortSignal,
  { hasBegun, held }: { readonly hasBegun: () => boolean; readonly held: HeldWork },
): Promise<never> {
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  if (!hasBegun()) throw interruptError(nothingChanged);
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
