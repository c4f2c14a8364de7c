import type { Engine } from "../../docker/client/engine.ts";
import {
  readLog,
  type LogLine,
  type LogOptions,
  type LogPart,
  type OnLogLine,
} from "../../docker/streams/read-log.ts";
import { ReynsError } from "../../errors.ts";
import type { ObservedInstance } from "../../model/observed.ts";

export type { LogLine, LogOptions, LogPart };

/** The instance that a line belongs to; its state, where it is known. */
export type LogSource = Pick<ObservedInstance, "id" | "host" | "service" | "instance" | "swarm"> &
  Partial<Pick<ObservedInstance, "state">>;

export interface LogSink {
  readonly onLine: (source: LogSource, line: LogLine) => void;
  /** A log that cannot be read, because of its logging driver or its container; the others are read all the same. */
  readonly onUnreadable: (source: LogSource, reason: string) => void;
}

/** Reads the logs of several instances at the same time. */
export async function readLogs(
  engine: Engine,
  instances: readonly LogSource[],
  options: Omit<LogOptions, "follow">,
  { onLine, onUnreadable }: LogSink,
): Promise<void> {
  await Promise.all(
    instances.map(async (source) => {
      const reason = reasonOfState(source);
      if (reason !== undefined) return onUnreadable(source, reason);
      try {
        const onOwnLine = (line: LogLine): void => onLine(source, line);
        await readSourceLog(engine, source, { ...options, follow: false }, onOwnLine);
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        onUnreadable(source, error.message);
      }
    }),
  );
}

/** Reads the log of a container, or that of all tasks of a service of Docker Swarm. */
export async function readSourceLog(
  engine: Engine,
  { id, swarm }: LogSource,
  options: LogOptions,
  onLine: OnLogLine,
): Promise<void> {
  if (!swarm) return readLog(engine, id, options, onLine);
  const { readServiceLog } = await import("../../docker/services/logs.ts");
  const { until } = options;
  return readServiceLog(engine, id, options, (line, part) => {
    // Swarm has no such option.
    if (until === undefined || Date.parse(line.time) < Number(until) * 1000) onLine(line, part);
  });
}

/** Why the Engine has no log of a container in its state. One whose removal has failed stays in it. */
export function reasonOfState({ state, service, instance }: LogSource): string | undefined {
  if (state !== "dead" && state !== "removing") return undefined;
  return `its container is being removed, or its removal failed (${state}); if it stays, run: reyns clean ${service} ${instance}`;
}

/** The Engine refuses to read the logs of some drivers, such as "none". */
export function isUnreadable(error: unknown): error is ReynsError {
  // The words of Docker, and those of Podman.
  const isRefusal = /driver does not support reading|using the 'none' log driver/;
  return error instanceof ReynsError && isRefusal.test(error.message);
}
