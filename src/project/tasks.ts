import type { LogEntry } from "zx";
import { createExec, type RunExec } from "../api/exec.ts";
import type { Shell } from "../api/shell.ts";
import type { Task } from "../api/tasks.ts";
import { ReynsError } from "../errors.ts";
import { acceptedHint } from "../lib/suggest.ts";
import {
  trackPendingWork,
  collectUnhandledRejections,
  type PendingWork,
} from "./script/pending-work.ts";
import type { ProjectPlace } from "./locate.ts";
import { toReynsError } from "./script/errors.ts";
import { readScript } from "./script/load.ts";

export type { RunExec, Task };

/** The tasks of a project by name; none without a `reyns.ts`. */
export async function readTasks({ script }: ProjectPlace): Promise<ReadonlyMap<string, Task>> {
  return script === undefined ? new Map<string, Task>() : (await readScript(script)).tasks;
}

/** @throws ReynsError UNKNOWN_TASK, with the nearest name */
export function findTask(tasks: ReadonlyMap<string, Task>, name: string): Task {
  const task = tasks.get(name);
  if (task) return task;
  const hint =
    tasks.size === 0
      ? 'define it in reyns.ts: task("NAME", "DESCRIPTION", async ({ exec, $, args }) => { … })'
      : acceptedHint(name, tasks.keys());
  throw new ReynsError("UNKNOWN_TASK", `no task "${name}" in this project`, { hint });
}

interface TaskOptions {
  /** The project's folder, the working directory of the task. */
  readonly folder: string;
  readonly args: Readonly<Record<string, string>>;
  /** Runs a command in an instance. */
  readonly exec: RunExec;
  /** Shows the commands of `$` and their output. */
  readonly show: (output: "command" | "stdout" | "stderr", text: Uint8Array | string) => void;
  /** Ends the commands of `$`. */
  readonly interrupt: AbortController;
}

/** The outcome of a task that has not failed. */
export interface TaskResult {
  /** The return value of its function. */
  readonly result: unknown;
  /** Arguments of the call that it never read, as they may be misspelt. */
  readonly unread: readonly string[];
}

/**
 * Runs a task of a loaded `reyns.ts`.
 *
 * @throws ReynsError TASK_FAILED, at its place in the user's file; INTERRUPTED
 */
export async function runTask(task: Task, settings: TaskOptions): Promise<TaskResult> {
  const { folder, interrupt } = settings;
  const { $, cd } = await import("zx");
  const work = trackPendingWork();
  const [show, shown] = captureOutput(settings.show);
  Object.assign($, { verbose: true, ac: interrupt, log: logTo(show, work) });
  const [args, unread] = trackReads(settings.args);
  const exec = createExec(trackExec(settings.exec, work), task.at.file);
  const caller = process.cwd();
  cd(folder);
  try {
    const result = await collectUnhandledRejections(async () => {
      const returned = await task.run({ args, exec, $: $ as Shell });
      await work.settled();
      return returned;
    }, interrupt.signal);
    return { result, unread: [...unread] };
  } catch (error) {
    throw interrupt.signal.aborted || isInterrupted(error)
      ? new ReynsError("INTERRUPTED", `task "${task.name}" was interrupted`)
      : await taskError(error, task, shown());
  } finally {
    cd(caller);
  }
}

/** Shows output and keeps the end of it. */
function captureOutput(show: TaskOptions["show"]): [TaskOptions["show"], () => string] {
  let shown = "";
  const capture: TaskOptions["show"] = (output, text) => {
    shown = `${shown}${Buffer.from(text).toString()}`.slice(-20_000);
    show(output, text);
  };
  return [capture, () => shown];
}

function logTo(show: TaskOptions["show"], work: PendingWork): (entry: LogEntry) => void {
  return (entry) => {
    if (entry.kind === "cmd") work.start(entry.id);
    if (entry.kind === "end") work.finish(entry.id);
    if (entry.verbose === false) return;
    if (entry.kind === "cmd") show("command", entry.cmd);
    else if (entry.kind === "stdout" || entry.kind === "stderr") show(entry.kind, entry.data);
  };
}

function trackExec(exec: RunExec, work: PendingWork): RunExec {
  return async (call) => {
    work.start(call);
    try {
      return await exec(call);
    } finally {
      work.finish(call);
    }
  };
}

/** The arguments for the task, and the names of those that it has not read. */
function trackReads(
  args: Readonly<Record<string, string>>,
): [Readonly<Record<string, string>>, ReadonlySet<string>] {
  const unread = new Set(Object.keys(args));
  const copy = { ...args, __proto__: null };
  const proxy = new Proxy(copy as unknown as Record<string, string>, {
    get: (target, key) => {
      unread.delete(String(key));
      return Reflect.get(target, key) as unknown;
    },
    has: (target, key) => {
      unread.delete(String(key));
      return Reflect.has(target, key);
    },
    ownKeys: (target) => {
      unread.clear();
      return Reflect.ownKeys(target);
    },
  });
  return [proxy, unread];
}

/** Ctrl-C reaches the commands of `$` as well, and their end may be noticed first. */
function isInterrupted(thrown: unknown): boolean {
  return thrown instanceof Error && "signal" in thrown && thrown.signal === "SIGINT";
}

/** A task that fails has another status than an invalid project. Output is not repeated if it has been shown. */
async function taskError(thrown: unknown, { name, at }: Task, shown: string): Promise<Error> {
  const error = await toReynsError(thrown, at.file, []);
  if (!(error instanceof ReynsError)) return error;
  if (error.code === "INTERRUPTED") return error;
  const code = error.code === "INVALID_PROJECT" ? "TASK_FAILED" : error.code;
  return new ReynsError(code, error.message, {
    at: error.at?.line === undefined ? at : error.at,
    hint: error === thrown ? error.hint : `task "${name}" stopped here`,
    output: error.output.filter((line) => !shown.includes(line)),
    cause: thrown,
  });
}
