import type { Engine } from "../../docker/client/engine.ts";
import { readTaskLog } from "../../docker/services/logs.ts";
import { listMembers } from "../../docker/swarm.ts";
import type { SwarmTask } from "../../docker/services/types.ts";
import { ReynsError, type ErrorCode } from "../../errors.ts";
import { summarizeList } from "../../lib/summarize-list.ts";

/** States of a task that has ended, or could not be started. */
const endedStates: ReadonlySet<string> = new Set(["complete", "failed", "rejected", "orphaned"]);

export function hasEnded({ state }: SwarmTask): boolean {
  return endedStates.has(state);
}

const shownLines = 20;
/** A node that is away answers nothing. */
const logTimeoutMs = 5000;

/**
 * The error of a service whose tasks do not run, with what Swarm says of them and the last lines that one of them has
 * printed.
 *
 * @param tasks those of the version that failed, the newest first
 */
export async function tasksError(
  engine: Engine,
  tasks: readonly SwarmTask[],
  {
    code,
    message,
    hint,
    remedy,
  }: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint: string;
    readonly remedy?: string;
  },
): Promise<ReynsError> {
  const members = await listMembers(engine).catch(() => []);
  const names = new Map(members.map(({ id, machine }) => [id, machine]));
  const troubled = tasks.filter((task) => hasEnded(task) || task.error !== undefined);
  const reasons = [...new Set(troubled.map((task) => reasonOf(task, names)))].filter(
    (text) => !isAftermath.test(text),
  );
  const reason = reasons.length === 0 ? "" : `: ${summarizeList(reasons, 3)}`;
  const output = await lastLines(engine, troubled.length === 0 ? tasks : troubled);
  return new ReynsError(code, `${message}${reason}`, { hint, remedy, output });
}

/** Of a task that was stopped on the way: not why it was. */
const isAftermath = /^error while removing network/;

/** "non-zero exit (3) on node1" */
function reasonOf({ error, state, node }: SwarmTask, names: ReadonlyMap<string, string>): string {
  const text = (error ?? (state === "complete" ? "it has ended" : state)).replace(/^task: /, "");
  const name = node === undefined ? undefined : names.get(node);
  return name === undefined ? text : `${text} on ${name}`;
}

async function lastLines(engine: Engine, tasks: readonly SwarmTask[]): Promise<string[]> {
  const signal = AbortSignal.timeout(logTimeoutMs);
  for (const task of tasks.filter(({ container }) => container !== undefined).slice(0, 3)) {
    const lines = await readTaskLog(engine, task.id, shownLines, signal).catch(() => []);
    if (lines.length > 0) return lines.map(({ text }) => text);
  }
  return [];
}
