import { projectBusy, tellHolder } from "../../ui/views/lock-holder.ts";
import { tryLock, withoutLock, type ProjectLock } from "../../runtime/lock/project-lock.ts";
import { ReynsError } from "../../errors.ts";
import { callText } from "../args/redact-call.ts";

/** What a command has while it changes what runs. */
export interface LockedProject {
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Whoever changed the project before was killed, was interrupted, or failed. */
  readonly previousRunFailed: boolean;
  /** Lets other calls go first while a person is asked: what was seen of the Engine before is old then. */
  readonly releaseLockWhile: <Value>(question: () => Promise<Value>) => Promise<Value>;
  /** How many steps are worked on at the same time, if the caller has said it. */
  readonly jobs: number | undefined;
  /** From here on things change. */
  readonly begin: () => void;
  /** All that changes is done: others may go before the command has ended. */
  readonly end: () => void;
}

interface LockOptions {
  /** The project's folder; undefined: what changes is no project's. */
  readonly folder: string | undefined;
  /** Seconds to wait for another call that changes the project; for as long as it takes when undefined. */
  readonly wait: number | undefined;
  readonly jobs?: number | undefined;
}

/** Milliseconds: what has begun may end in order after an interruption, and then nothing is waited for. */
const patience = 1500;

/** Milliseconds between two looks whether the project is free. */
const pause = 50;

/**
 * Does what changes a project while no other call does: it waits for one that is at it, and says for whom.
 *
 * @throws ReynsError BUSY when the other takes longer than `wait`; INTERRUPTED
 */
export async function withProjectLock<Value>(
  settings: LockOptions,
  work: (change: LockedProject) => Promise<Value>,
): Promise<Value> {
  const interrupt = new AbortController();
  const { signal } = interrupt;
  const onSignal = (): void => interrupt.abort();
  // A second one ends the process at once.
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const one of signals) process.once(one, onSignal);
  let lock: ProjectLock | undefined;
  let hasBegun = false;
  const release = (): void => {
    lock?.release();
    for (const one of signals) process.off(one, onSignal);
  };
  const end = (): void => {
    lock?.finish();
    release();
  };
  const broken = rejectAfterInterrupt(signal, () => hasBegun);
  try {
    lock = await Promise.race([acquireLock(settings, signal), broken]);
    const change: LockedProject = {
      signal,
      previousRunFailed: lock.unfinished,
      jobs: settings.jobs,
      releaseLockWhile: async (question) => {
        lock?.release();
        const answer = await question();
        lock = await acquireLock(settings, signal);
        return answer;
      },
      begin: () => {
        hasBegun = true;
        lock?.begin();
      },
      end,
    };
    const value = await Promise.race([work(change), broken]);
    end();
    return value;
  } finally {
    release();
  }
}

/** Rejects some time after an interruption: an Engine that does not answer must not hold anybody. */
function rejectAfterInterrupt(signal: AbortSignal, hasBegun: () => boolean): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => {
      const message = hasBegun() ? "interrupted" : "interrupted; nothing was changed";
      reject(new ReynsError("INTERRUPTED", message));
    };
    signal.addEventListener("abort", () => setTimeout(end, hasBegun() ? patience : 0), {
      once: true,
    });
  });
}

async function acquireLock(
  { folder, wait = Infinity }: LockOptions,
  signal: AbortSignal,
): Promise<ProjectLock> {
  if (folder === undefined) return withoutLock;
  const start = performance.now();
  const tell = tellHolder();
  for (;;) {
    // First: a lock that is taken now would be nobody's to give back.
    if (signal.aborted) throw new ReynsError("INTERRUPTED", "interrupted; nothing was changed");
    const taken = tryLock(folder, callText(process.argv.slice(2)));
    if ("release" in taken) return taken;
    const seconds = (performance.now() - start) / 1000;
    tell(taken.holder, seconds);
    if (seconds >= wait) throw projectBusy(taken.holder, wait);
    await Bun.sleep(pause);
  }
}
