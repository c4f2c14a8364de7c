import type { Readable } from "node:stream";
import type { Engine } from "../client/engine.ts";
import { errorStatus, withClient } from "../client/errors.ts";
import { createLogReader, type LogLine, type OnLogLine } from "./log-lines.ts";
import { destroyOnAbort, whenEnded } from "./stream-end.ts";

export type { LogLine, OnLogLine };
export type { LogPart } from "./log-lines.ts";

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
 * stops or the signal aborts. One that is gone, or is being removed, has no more lines.
 */
export async function readLog(
  engine: Engine,
  id: string,
  { follow, tail, since, until, signal }: LogOptions,
  onLine: OnLogLine,
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
    const stream = await unlessGone(engine, (client) =>
      client.getContainer(id).logs({ ...query, follow: true }),
    );
    if (!stream) return;
    const ended = whenEnded((stream as Readable).on("data", lines.push));
    if (signal) destroyOnAbort(signal, stream as Readable);
    await ended;
  } else {
    const log = await unlessGone(engine, (client) =>
      client.getContainer(id).logs({ ...query, follow: false }),
    );
    if (log) lines.push(Buffer.from(log));
  }
  lines.end();
}

/** The Engine answers 409 for the log of a container that it is removing, and 404 afterwards. */
async function unlessGone<Answer>(
  engine: Engine,
  call: Parameters<typeof withClient<Answer>>[1],
): Promise<Answer | undefined> {
  try {
    return await withClient(engine, call);
  } catch (error) {
    if ([404, 409].includes(errorStatus(error) ?? 0)) return undefined;
    throw error;
  }
}
