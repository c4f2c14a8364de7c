import type { Engine } from "../../docker/client/engine.ts";
import { inspectContainer } from "../../docker/containers/containers.ts";
import { followContainers } from "../../docker/containers/events.ts";
import { originFilter } from "../../model/labels.ts";
import { createIdleWait, sourceOf, type FollowedInstances } from "./log-end.ts";
import { createLogPosition, type LogPosition, type LogRange } from "./log-position.ts";
import {
  isUnreadable,
  readSourceLog,
  reasonOfState,
  type LogOptions,
  type LogSink,
  type LogSource,
} from "./logs.ts";

interface FollowOptions extends FollowedInstances, Pick<LogOptions, "tail" | "since" | "until"> {
  /**
   * If given, the logs end only after it is aborted, as soon as nothing is left to read; and of a container that starts
   * meanwhile, only what it prints from then on is read.
   */
  readonly ending?: AbortSignal;
  /** Called once, when no container that starts can be missed. */
  readonly onReady?: () => void;
}

/**
 * Follows the logs of instances, also of their containers that start later: after a crash, a restart, a replacement. No
 * line is lost or repeated. Resolves when the signal aborts, or when nothing has run for some seconds.
 */
export async function followLogs(
  engine: Engine,
  instances: readonly LogSource[],
  options: FollowOptions,
  sink: LogSink,
): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const followers = createFollowers(engine, { ...options, signal }, sink, () => over.abort());
  // What a container that starts again has printed before was not asked for.
  const isFromNowOn = options.ending !== undefined || options.tail === 0;
  const rangeSince = (start: string): LogRange => ({
    tail: undefined,
    since: isFromNowOn ? start : options.since,
  });
  const ready = Promise.withResolvers<void>();
  const events = followContainers(engine, {
    labels: [originFilter(options.origin)],
    actions: ["start"],
    signal,
    onReady: ready.resolve,
    onEvent: (event) => {
      const source = sourceOf(event);
      if (!source || !options.isWanted(source)) return;
      followers.follow(source, rangeSince(justBefore(event.time)));
    },
  });
  await Promise.race([ready.promise, events]);
  const first = { tail: options.tail, since: options.since };
  for (const source of instances) followers.catchUp(source, first);
  if (options.ending) options.ending.addEventListener("abort", followers.endWhenIdle);
  else if (instances.length === 0) over.abort();
  options.onReady?.();
  if ((await engine.features()).isPodman) {
    const { lookForStarts } = await import("./missed-starts.ts");
    void lookForStarts(engine, { ...options, signal }, (source, before) =>
      followers.catchUp(source, rangeSince(justBefore(before))),
    );
  }
  try {
    await Promise.race([events, followers.failed]);
  } finally {
    over.abort();
  }
}

interface Followers {
  /** Reads a container's log from where it was left, unless it is being read. */
  readonly follow: (source: LogSource, first: LogRange) => void;
  /** The same for a container that runs, unless its log is known to be unreadable. */
  readonly catchUp: Followers["follow"];
  /** Ends at once if no log is being read. */
  readonly endWhenIdle: () => void;
  /** Rejects with the first error. */
  readonly failed: Promise<never>;
}

function createFollowers(
  engine: Engine,
  options: FollowOptions,
  sink: LogSink,
  onIdle: () => void,
): Followers {
  const active = new Set<string>();
  /** Containers that have started again while the log of their run before was still being read. */
  const restarted = new Map<string, LogRange>();
  const positions = new Map<string, LogPosition>();
  const unreadable = new Set<string>();
  const noting = notingUnreadable(sink, unreadable);
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  const idle = createIdleWait(engine, options, { isActive: () => active.size > 0, onIdle });
  const follow: Followers["follow"] = (source, first) => {
    const { id } = source;
    if (options.signal.aborted) return;
    if (active.has(id)) return void (restarted.has(id) || restarted.set(id, first));
    active.add(id);
    idle.cancel();
    const position =
      positions.get(id) ?? createLogPosition({ isService: source.swarm !== undefined });
    positions.set(id, position);
    const isRestarted = (): boolean => restarted.has(id);
    followContainer(
      engine,
      source,
      { ...options, ...first, isRestarted },
      { position, sink: noting },
    )
      .catch(failure.reject)
      .finally(() => {
        active.delete(id);
        if (source.swarm && !unreadable.has(id))
          resume(engine, source, options, follow).catch(failure.reject);
        const again = restarted.get(id);
        restarted.delete(id);
        if (again) follow(source, again);
        else if (active.size > 0 || options.signal.aborted) return;
        else if (!options.ending) idle.begin();
        else if (options.ending.aborted) onIdle();
      });
  };
  const catchUp: Followers["follow"] = (source, first) => {
    if (!active.has(source.id) && !unreadable.has(source.id)) follow(source, first);
  };
  const endWhenIdle = (): void => {
    if (active.size === 0) onIdle();
  };
  return { follow, catchUp, endWhenIdle, failed: failure.promise };
}

function notingUnreadable(sink: LogSink, unreadable: Set<string>): LogSink {
  return {
    onLine: sink.onLine,
    onUnreadable: (source, reason) => {
      unreadable.add(source.id);
      sink.onUnreadable(source, reason);
    },
  };
}

/** Seconds by which the clock of a node may be behind that of the manager. What has been read is left out. */
const clockDifference = 60;

/** No event tells that a stopped service of Docker Swarm has tasks again. */
async function resume(
  engine: Engine,
  source: LogSource,
  { since = "0", signal }: FollowOptions,
  follow: Followers["follow"],
): Promise<void> {
  const { waitForTasks } = await import("./follow-service.ts");
  const stoppedAt = await waitForTasks(engine, source.id, signal);
  if (stoppedAt === undefined) return;
  const start = Math.max(stoppedAt - clockDifference, Number(since));
  follow(source, { tail: undefined, since: String(start) });
}

interface LogTarget {
  readonly position: LogPosition;
  readonly sink: LogSink;
}

interface FollowedRun extends FollowOptions {
  /** Whether it has started again meanwhile: its next run may be over before anybody looks. */
  readonly isRestarted: () => boolean;
}

/** Follows one run of a container to its end, and goes on while its restart policy waits to start it again. */
async function followContainer(
  engine: Engine,
  source: LogSource,
  options: FollowedRun,
  target: LogTarget,
): Promise<void> {
  const { signal, isRestarted } = options;
  const reason = reasonOfState(source);
  if (reason !== undefined) return target.sink.onUnreadable(source, reason);
  try {
    if (options.tail === 0) await noteLastLines(engine, source, options, target.position);
    await followRun(engine, source, options, target);
    if (signal.aborted) return;
    // The stream may end before the last lines have been written to it.
    const tail = source.swarm ? options.tail : undefined;
    await readFrom(engine, source, { ...options, tail, follow: false }, target);
    while (!signal.aborted && !isRestarted() && (await isRestarting(engine, source)))
      await Bun.sleep(200);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    target.sink.onUnreadable(source, error.message);
  }
}

async function isRestarting(engine: Engine, { id }: LogSource): Promise<boolean> {
  return (await inspectContainer(engine, id))?.restarting ?? false;
}

/** Lines that are there already are not wanted: what is read again later must not begin with them. */
async function noteLastLines(
  engine: Engine,
  source: LogSource,
  { since, signal }: FollowOptions,
  position: LogPosition,
): Promise<void> {
  const last = { follow: false, tail: 1, since, signal };
  await readSourceLog(engine, source, last, position.startReading());
}

async function followRun(
  engine: Engine,
  source: LogSource,
  options: FollowOptions,
  target: LogTarget,
): Promise<void> {
  const read = (signal: AbortSignal): Promise<void> =>
    readFrom(engine, source, { ...options, signal, follow: true }, target);
  if (!source.swarm) return read(options.signal);
  const { whileServiceRuns } = await import("./follow-service.ts");
  await whileServiceRuns(engine, source.id, options.signal, read);
}

/** Reads on from the position, and leaves out lines that were read before. */
async function readFrom(
  engine: Engine,
  source: LogSource,
  options: LogOptions,
  { position, sink }: LogTarget,
): Promise<void> {
  // The lines from the end on are found at once, those since a time only by reading the whole log of a container.
  const isFromEnd = options.tail === 0 && !source.swarm;
  const range = { ...options, ...(isFromEnd ? {} : position.rangeAfter(options)) };
  const isNew = position.startReading();
  await readSourceLog(engine, source, range, (line, part) => {
    if (isNew(line, part)) sink.onLine(source, line);
  });
}

/** The first lines are as old as the event that tells of the start: milliseconds -> seconds. */
function justBefore(time: number): string {
  return String(time / 1000 - 1);
}
