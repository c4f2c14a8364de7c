import { readLog, type LogOptions } from "../../docker/streams/read-log.ts";
import type { Engine } from "../../docker/client/engine.ts";
import type { ObservedInstance } from "../../model/observed.ts";

export type { LogOptions };

/** Reads the logs of several instances at the same time. */
export async function readLogs(
  engine: Engine,
  instances: readonly ObservedInstance[],
  options: LogOptions,
  onLine: (instance: ObservedInstance, line: string) => void,
): Promise<void> {
  await Promise.all(
    instances.map((instance) =>
      readLog(engine, instance.id, options, (line) => onLine(instance, line)),
    ),
  );
}
