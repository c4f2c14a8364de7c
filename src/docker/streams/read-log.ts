import type { Readable } from "node:stream";
import type { Engine } from "../client/engine.ts";
import { withClient } from "../client/errors.ts";
import { frameLines } from "./demultiplex.ts";
import { destroyOnAbort, whenEnded } from "./stream-end.ts";

export interface LogOptions {
  readonly follow: boolean;
  /** Number of lines from the end; all if undefined. */
  readonly tail: number | undefined;
  /** Seconds since 1970. */
  readonly since: number | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Reads a container's log, calling `onLine` for each line. Resolves at its end; when following, only when the container
 * stops or the signal aborts.
 */
export async function readLog(
  engine: Engine,
  id: string,
  { follow, tail, since, signal }: LogOptions,
  onLine: (line: string) => void,
): Promise<void> {
  const query = {
    stdout: true as const,
    stderr: true as const,
    ...(tail === undefined ? {} : { tail }),
    ...(since === undefined ? {} : { since }),
  };
  const lines = frameLines(onLine);
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
