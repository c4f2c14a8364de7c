import { isRunning } from "../../../model/observed.ts";
import type { RunPlan } from "../../../plan/run-plan.ts";
import { engineTime, type Engine } from "../../../runtime/connect.ts";
import { followLogs } from "../../../runtime/sessions/follow-logs.ts";
import type { LogSource } from "../../../runtime/sessions/logs.ts";
import { listInstances } from "../../common/context.ts";
import { createLogPrinter, createLogSink } from "../../common/log-lines.ts";

/** The output of the instances of a run. */
export interface AttachedLogs {
  /** Their host names; filled when there is a plan. */
  readonly hosts: ReadonlySet<string>;
  /** Begins to show what they print, from now on. */
  readonly follow: (plan: RunPlan) => Promise<void>;
  /** Aborted when nobody reads any more. */
  readonly closed: AbortSignal;
  /** Resolves when everything that was printed is shown. Instances that run on are left. */
  readonly close: () => Promise<void>;
}

/** @param show the services whose output is shown; undefined: all */
export function createAttachedLogs(
  engine: Engine,
  origin: string,
  show: readonly string[] | undefined,
): AttachedLogs {
  const hosts = new Set<string>();
  const isWanted = ({ host, service }: Pick<LogSource, "host" | "service">): boolean =>
    hosts.has(host) && (show?.includes(service) ?? true);
  const ending = new AbortController();
  const closed = new AbortController();
  let following: Promise<void> = Promise.resolve();
  return {
    hosts,
    closed: closed.signal,
    follow: async ({ starts, unchanged }) => {
      for (const host of [...starts, ...unchanged.map((one) => one.host)]) hosts.add(host);
      const log = createSink(hosts);
      log.closed.addEventListener("abort", () => closed.abort());
      const { instances } = await listInstances();
      const running = instances.filter((one) => isWanted(one) && isRunning(one));
      const ready = Promise.withResolvers<void>();
      const options = {
        ...{ origin, isWanted, tail: undefined, until: undefined },
        ...{ signal: log.closed, ending: ending.signal, onReady: ready.resolve },
        since: await engineTime(engine),
      };
      following = followLogs(engine, running, options, log.sink);
      following.catch(() => {});
      await Promise.race([ready.promise, following]);
    },
    close: async () => {
      ending.abort();
      await following;
    },
  };
}

function createSink(hosts: ReadonlySet<string>): ReturnType<typeof createLogSink> {
  const names = [...hosts].toSorted();
  return createLogSink(createLogPrinter({ hosts: names, isNamed: true, withTime: false }));
}
