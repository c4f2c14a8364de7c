import { setTimeout as sleep } from "node:timers/promises";
import { mkdirSync, rmSync } from "node:fs";
import { dirname, relative } from "node:path";
import { removeContainer } from "../../docker/containers/containers.ts";
import { readLog } from "../../docker/streams/read-log.ts";
import { writeFileAtomic } from "../../lib/write-file-atomic.ts";
import type { RuntimeContext } from "../context.ts";
import { failedLogFile } from "../versions/store.ts";

type LogContext = Pick<RuntimeContext, "engine" | "stateFolder">;

/** How long reading the log may take: the former version does not serve again before that. */
const readLimitMs = 5000;

/** What is kept of a log, from its end. */
const [maxLines, maxBytes] = [10_000, 1024 * 1024];

/**
 * Removes the container of a new version that has failed, and keeps its log in the project's state folder, in place of
 * that of the last failure.
 *
 * @returns a hint that names the log
 */
export async function removeFailed(id: string, host: string, context: LogContext): Promise<string> {
  const file = await keepLog(id, host, context);
  await removeContainer(context.engine, id);
  const log = file === undefined ? "no log was kept" : `its log: ${shortPath(file)}`;
  return `the new container of ${host} was removed; ${log}`;
}

async function keepLog(
  id: string,
  host: string,
  { engine, stateFolder }: LogContext,
): Promise<string | undefined> {
  const lines: string[] = [];
  try {
    const file = failedLogFile(stateFolder, host);
    rmSync(file, { force: true });
    const options = { follow: false, tail: maxLines };
    const reading = readLog(engine, id, options, ({ text }) => lines.push(text));
    await Promise.race([reading, sleep(readLimitMs, undefined, { ref: false })]);
    if (lines.length === 0) return undefined;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // There may be secrets in it.
    writeFileAtomic(file, endOf(lines), 0o600);
    return file;
  } catch {
    // A read-only folder, or a logging driver that cannot be read: the failure itself is what counts.
    return undefined;
  }
}

function endOf(lines: readonly string[]): string {
  const text = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  if (text.length <= maxBytes) return text.toString();
  const end = text.subarray(-maxBytes);
  const [firstEnd, lastEnd] = [end.indexOf("\n"), end.length - 1];
  return end.subarray(firstEnd < lastEnd ? firstEnd + 1 : 0).toString();
}

/** As it is called from the working directory. */
function shortPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}
