import type { Engine } from "../client/engine.ts";
import { errorStatus } from "../client/errors.ts";
import { requestResponse } from "../client/request.ts";
import { createLogReader, type LogLine, type OnLogLine } from "../streams/log-lines.ts";
import type { LogOptions } from "../streams/read-log.ts";

/**
 * Reads what the tasks of a service print, on whatever nodes they are, calling `onLine` for each line. Resolves at the end;
 * when following, only when the service is gone or the signal aborts.
 */
export function readServiceLog(
  engine: Engine,
  id: string,
  options: LogOptions,
  onLine: OnLogLine,
): Promise<void> {
  return readSwarmLog(engine, `/services/${id}`, options, onLine);
}

/** Reads the last lines of a task, wherever its container is. */
export async function readTaskLog(
  engine: Engine,
  task: string,
  tail: number,
  signal: AbortSignal,
): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  const options = { follow: false, tail, signal };
  await readSwarmLog(engine, `/tasks/${task}`, options, (line) => lines.push(line));
  return lines;
}

async function readSwarmLog(
  engine: Engine,
  owner: string,
  { follow, tail, since, signal }: LogOptions,
  onLine: OnLogLine,
): Promise<void> {
  const query = new URLSearchParams({
    ...{ stdout: "true", stderr: "true", timestamps: "true", follow: String(follow) },
    // They name the task of each line.
    details: "true",
    ...(tail === undefined ? {} : { tail: String(tail) }),
    ...(since === undefined ? {} : { since }),
  });
  const path = `${owner}/logs?${query.toString()}`;
  const lines = createLogReader(onLine, { hasDetails: true });
  try {
    const { body } = await requestResponse(engine, { method: "GET", path, signal });
    for await (const bytes of body ?? []) lines.push(Buffer.from(bytes));
  } catch (error) {
    // One that is gone has no more lines.
    if (!signal?.aborted && errorStatus(error) !== 404) throw error;
  }
  lines.end();
}
