import { setTimeout as sleep } from "node:timers/promises";
import { hasCode, ReynsError } from "../../errors.ts";
import type { Engine } from "../../runtime/connect.ts";
import { isCopy } from "../../model/copy-origin.ts";
import type { ProjectFolder } from "../../model/project.ts";
import { stateFolder } from "../../model/resource-names.ts";
import type { EngineLock, LockAttempt } from "../../runtime/lock/engine-lock.ts";
import { createHolder, type LockHolder } from "../../runtime/lock/holder.ts";
import { noLock, tryLock, type ProjectLock } from "../../runtime/lock/project-lock.ts";
import { removeUnbegun } from "../../runtime/private-folder.ts";
import { projectBusyError, reportLockHolder } from "../../ui/views/lock-holder.ts";
import { redactCall } from "../args/redact-call.ts";
import { connectAll, locateProject } from "./context.ts";
import { recordOrigin } from "./record-origin.ts";

/** The lock of a project's folder, and those on its Engines that are changed from elsewhere as well. */
export interface HeldLocks extends Pick<ProjectLock, "previousRunFailed" | "begin" | "finish"> {
  readonly release: () => Promise<void>;
}

export interface LockRequest {
  /** The project, or the copy of it; undefined when the command changes none. */
  readonly place: ProjectFolder | undefined;
  /** The command changes what is on an Engine. */
  readonly onEngine?: boolean;
  /** Those that it changes, where these are others than the conf's. */
  readonly engines?: readonly Engine[];
  /** Seconds to wait for the locks; no limit when undefined. */
  readonly wait?: number | undefined;
}

export interface LockEvents {
  readonly signal: AbortSignal;
  /** Called when a call from elsewhere has taken the Engine's lock over, or may have. */
  readonly onLost: (by: LockHolder | undefined) => void;
}

/** Milliseconds between two attempts to take a lock. */
const retryInterval = { folder: 50, engine: 500 };

/** Milliseconds for an Engine to release its lock; others wait until it expires when that fails. */
export const releaseTimeout = 3000;

export const nothingChanged = "interrupted; nothing was changed";

export function interruptError(message: string): ReynsError {
  return new ReynsError("INTERRUPTED", message);
}

/**
 * Takes the locks that a command needs; waits for another command that holds one, and reports which one that is.
 *
 * @throws ReynsError BUSY when a lock is held for longer than `wait`; INTERRUPTED; NO_ENGINE
 */
export async function acquireLocks(request: LockRequest, events: LockEvents): Promise<HeldLocks> {
  const { place, onEngine = false, wait = Infinity } = request;
  if (place === undefined) return { ...noLock, release: async () => {} };
  const holder = createHolder(redactCall(process.argv.slice(2)));
  const retry = createRetry(wait, events.signal);
  const lock = await retry<ProjectLock>(
    () => tryLock(stateFolder(place), holder),
    retryInterval.folder,
  );
  recordOrigin(place.folder);
  try {
    const engines = request.engines ?? (onEngine ? await enginesOf(events.signal) : []);
    const engineLock = await lockEngines(place, engines, { lock, holder, retry, events });
    let released: Promise<void> | undefined;
    return { ...lock, release: () => (released ??= releaseLocks(place, lock, engineLock)) };
  } catch (error) {
    releaseFolder(place, lock);
    throw error;
  }
}

/** Released in the reverse order: whoever gets the folder's lock may take the Engine's. */
async function releaseLocks(
  place: ProjectFolder,
  lock: ProjectLock,
  engineLock: EngineLock | undefined,
): Promise<void> {
  const released = engineLock?.release().catch(() => {});
  await Promise.race([released, sleep(releaseTimeout, undefined, { ref: false })]);
  releaseFolder(place, lock);
}

/** A call that ends before it has begun a copy, because of a mistake, leaves nothing of it. */
function releaseFolder(place: ProjectFolder, lock: ProjectLock): void {
  if (isCopy(place)) removeUnbegun(stateFolder(place));
  lock.release();
}

type Attempt<Taken> = () =>
  | Promise<Taken | { readonly holder: LockHolder | undefined }>
  | (Taken | { readonly holder: LockHolder | undefined });

type Retry = <Taken extends { readonly release: unknown }>(
  attempt: Attempt<Taken>,
  interval: number,
) => Promise<Taken>;

/** The time to wait is that for all locks together. */
function createRetry(wait: number, signal: AbortSignal): Retry {
  const start = performance.now();
  const tell = reportLockHolder();
  return async (attempt, interval) => {
    for (;;) {
      // Checked first: nothing would release a lock that is taken after the interruption.
      if (signal.aborted) throw interruptError(nothingChanged);
      const taken = await attempt();
      if ("release" in taken) return taken;
      const seconds = (performance.now() - start) / 1000;
      tell(taken.holder, seconds);
      if (seconds >= wait) throw projectBusyError(taken.holder, wait);
      await sleep(interval, undefined, { signal }).catch(() => {});
    }
  };
}

/** An Engine that does not answer must not delay the end of a call that holds nothing there. */
function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(interruptError(nothingChanged));
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([work, aborted.promise]);
}

/** A full disk does not keep a call of this machine from freeing it: the folder's lock keeps the others of it away. */
function unlessRefused(attempt: LockAttempt): LockAttempt {
  return async () => {
    try {
      return await attempt();
    } catch (error) {
      if (!hasCode(error, "ENGINE_REFUSED")) throw error;
      return { release: async () => {} };
    }
  };
}

interface EngineLockContext {
  readonly lock: ProjectLock;
  readonly holder: LockHolder;
  readonly retry: Retry;
  readonly events: LockEvents;
}

/**
 * The Engines to lock: those elsewhere, and all of a project on several, may be changed from other machines, which have no
 * part in the folder's lock. Of a project on this machine's Engine alone that is not expected, and would cost each command
 * two requests.
 */
async function enginesOf(signal: AbortSignal): Promise<readonly Engine[]> {
  const engine = await unlessAborted(connectAll(await locateProject()), signal);
  if (!engine.fleet && engine.local) return [];
  return engine.fleet?.members.map((member) => member.engine) ?? [engine];
}

async function lockEngines(
  { origin }: ProjectFolder,
  engines: readonly Engine[],
  { lock, holder, retry, events }: EngineLockContext,
): Promise<EngineLock | undefined> {
  if (engines.length === 0) return undefined;
  const { createLockAttempt } = await import("../../runtime/lock/engine-lock.ts");
  const token = crypto.getRandomValues(new Uint8Array(8)).toHex();
  const { endedTokens } = lock;
  lock.setTokens([...endedTokens, token]);
  const { onLost } = events;
  const taken: EngineLock[] = [];
  const release = async (tokens: readonly string[]): Promise<void> => {
    // First: a release that fails, or comes late, must not meet a call that has taken the lock over at once.
    lock.setTokens(tokens);
    await Promise.all(taken.map((own) => own.release()));
  };
  try {
    // One after the other: two calls that take them in different orders would wait for each other.
    for (const own of engines) {
      const attempt = createLockAttempt(own, { origin, holder, token, endedTokens, onLost });
      const tried = own.local ? unlessRefused(attempt) : attempt;
      taken.push(await retry<EngineLock>(tried, retryInterval.engine));
    }
  } catch (error) {
    await release(endedTokens).catch(() => {});
    throw error;
  }
  lock.setTokens([token]);
  return { release: () => release([]) };
}
