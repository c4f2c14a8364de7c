import { ReynsError } from "../../errors.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { ensureVolume, removeVolume } from "../../docker/volumes.ts";
import { labels } from "../../model/labels.ts";
import { lockNameOf } from "../../model/resource-names.ts";
import type { LockHolder } from "./holder.ts";
import { parseLink, readChain, successorOf, type LockChain } from "./lock-chain.ts";

/** The exclusive right to change a project on an Engine, for calls of all machines. */
export interface EngineLock {
  /** Resolves when it is released, or was lost before; rejects where the Engine does not do it. */
  readonly release: () => Promise<void>;
}

export interface EngineLockOptions {
  readonly origin: string;
  readonly holder: LockHolder;
  /** 16 hexadecimal digits, new for each lock. */
  readonly token: string;
  /** Tokens of calls that have certainly ended. */
  readonly endedTokens: readonly string[];
  /** Called when another call has taken the lock over, or may have: this one was silent for too long. */
  readonly onLost: (by: LockHolder | undefined) => void;
  readonly intervals?: LockIntervals;
}

/** Milliseconds. */
interface LockIntervals {
  /** Between two renewals. */
  readonly renewal: number;
  /** How long others see no renewal before they take the lock over. */
  readonly expiry: number;
}

/** How long a lock without a renewal is respected. */
const defaultIntervals: LockIntervals = { renewal: 5000, expiry: 20_000 };

/** Makes one attempt to take the lock; called again until it does. */
export type LockAttempt = () => Promise<EngineLock | { readonly holder: LockHolder | undefined }>;

/**
 * Locks a project on an Engine by a volume with a fixed name, which exactly one of several calls creates. The holder
 * renews it; a lock without a renewal is taken over by a volume whose name contains its token, so that again exactly one
 * call gets it. Each call measures that time with its own clock.
 */
export function createLockAttempt(engine: Engine, options: EngineLockOptions): LockAttempt {
  const { origin, token, endedTokens, intervals = defaultIntervals } = options;
  const first = lockNameOf(origin);
  let last = { state: "", since: 0 };
  const isExpired = ({ state, end }: LockChain): boolean => {
    if (state !== last.state) last = { state, since: performance.now() };
    const isEnded = endedTokens.includes(end.token);
    return isEnded || performance.now() - last.since >= intervals.expiry;
  };
  return async () => {
    const start = performance.now();
    if ((await createLink(engine, first, options)).token === token)
      return holdLock(engine, options, { names: [first], start });
    const chain = await readChain(engine, origin);
    if (!chain) return { holder: undefined };
    if (!isExpired(chain)) return { holder: chain.end.holder };
    const name = successorOf(first, chain.end.token);
    await createLink(engine, name, options);
    // The chain may have been released before the link was created.
    const after = await readChain(engine, origin);
    if (after?.end.token === token) return holdLock(engine, options, { names: after.names, start });
    if (!after?.names.includes(name)) await removeOwn(engine, name, options);
    return { holder: after?.end.holder };
  };
}

/** Creates a volume of a lock, unless another call was faster; returns whose it is. */
async function createLink(
  engine: Engine,
  name: string,
  { origin, token, holder }: EngineLockOptions,
): Promise<LockChain["end"]> {
  const found = await ensureVolume(engine, name, lockLabels(origin, { token, ...holder }));
  const link = parseLink(found);
  if (link) return link;
  throw new ReynsError(
    "NAME_TAKEN",
    `the volume ${name}, with which Reyns locks a project, is no lock`,
    {
      hint: `remove it on that Engine: docker volume rm ${name}`,
    },
  );
}

async function removeOwn(engine: Engine, name: string, options: EngineLockOptions): Promise<void> {
  if ((await createLink(engine, name, options)).token === options.token)
    await removeVolume(engine, name);
}

function lockLabels(origin: string, record: object): Record<string, string> {
  return {
    [labels.folder]: origin,
    [labels.role]: "lock",
    [labels.lock]: JSON.stringify(record),
  };
}

interface Taken {
  /** The volumes that it consists of, the first one first. */
  readonly names: readonly string[];
  /** When the attempt began, by the monotonic clock. */
  readonly start: number;
}

/** Renews a lock until it is released. */
function holdLock(engine: Engine, options: EngineLockOptions, { names, start }: Taken): EngineLock {
  const { origin, token, onLost, intervals = defaultIntervals } = options;
  const first = lockNameOf(origin);
  const beat = `${first}-renewal`;
  let renewed = { at: start, time: Date.now(), count: 0 };
  let isLost = false;
  let renewal: Promise<void> = Promise.resolve();
  // A machine that was suspended notices it by the time of day only.
  const isFresh = (): boolean =>
    Math.max(performance.now() - renewed.at, Date.now() - renewed.time) < intervals.expiry / 2;
  // Somebody has removed the volumes: with docker volume prune, or after a call that has taken the lock over.
  const restore = async (): Promise<LockChain["end"] | undefined> =>
    isFresh() ? createLink(engine, first, options) : undefined;
  const renew = async (): Promise<void> => {
    const began = { at: performance.now(), time: Date.now(), count: renewed.count + 1 };
    const end = (await readChain(engine, origin))?.end ?? (await restore());
    if (end?.token !== token) {
      isLost = true;
      clearInterval(timer);
      return onLost(end?.holder);
    }
    await removeVolume(engine, beat);
    await ensureVolume(engine, beat, lockLabels(origin, { renewal: `${token}/${began.count}` }));
    renewed = began;
  };
  let isRenewing = false;
  const timer = setInterval(() => {
    if (isRenewing) return;
    isRenewing = true;
    // An Engine that cannot be reached fails the work itself, too.
    renewal = renew()
      .catch(() => {})
      .finally(() => (isRenewing = false));
  }, intervals.renewal);
  timer.unref();
  const release = async (): Promise<void> => {
    clearInterval(timer);
    await renewal;
    if (isLost) return;
    const next = isFresh() ? [] : [successorOf(first, token)];
    // Nobody can take it over any more, or somebody has.
    for (const name of next) if ((await createLink(engine, name, options)).token !== token) return;
    // In this order: without the first one, the others mean nothing.
    for (const name of [...names, ...next]) await removeVolume(engine, name);
    // Also of a holder that it was taken over from.
    if (renewed.count > 0 || names.length > 1) await removeVolume(engine, beat);
  };
  return { release };
}
