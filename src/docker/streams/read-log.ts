import type { Readable } from "node:stream";
import type { Engine } from "../client/engine.ts";
import { withClient } from "../client/errors.ts";
import { createLogReader, type LogLine } from "./log-lines.ts";
import { destroyOnAbort, whenEnded } from "./stream-end.ts";

export type { LogLine };

export interface LogOptions {
  readonly follow: boolean;
  /** Number of lines from the end; all if undefined. */
  readonly tail?: number | undefined;
  /** Only lines from then on: seconds since 1970, with up to nine digits after the point. */
  readonly since?: string | undefined;
  /** Only lines until then: seconds since 1970. */
  readonly until?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a container's log, calling `onLine` for each line. Resolves at its end; when following, only when the container
 * stops or the signal aborts.
 */
export async function readLog(
  engine: Engine,
  id: string,
  { follow, tail, since, until, signal }: LogOptions,
  onLine: (line: LogLine) => void,
): Promise<void> {
  const query = {
    stdout: true as const,
    stderr: true as const,
    timestamps: true,
    ...(tail === undefined ? {} : { tail }),
    // The Engine takes more than the types say: fractions of a second, as text.
    ...(since === undefined ? {} : { since: since as unknown as number }),
    ...(until === undefined ? {} : { until: until as unknown as number }),
  };
  const lines = createLogReader(onLine);
  if (follow) {
    const stream = (await withClient(engine, (client) =>
      client.getContainer(id).logs({ ...query, follow: true }),
    )) as Readable;
    stream.on("data", lines.push);
    const ended = whenEnded(stream);
    if (signal) destroyOnAbort(signal, stream);
    await ended;
  } else {
    const log = await withClient(engine, (client) =>
      client.getContainer(id).logs({ ...query, follow: false }),
    );
    lines.push(Buffer.from(log));
  }
  lines.end();
}
