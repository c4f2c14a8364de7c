import type { LogEntry } from "zx";
import { execOf, type RunExec } from "../api/exec.ts";
import type { Shell } from "../api/shell.ts";
import type { Task } from "../api/tasks.ts";
import { ReynsError } from "../errors.ts";
import { acceptedHint } from "../lib/suggest.ts";
import { beginWork, withLooseErrors, type BegunWork } from "./script/pending-work.ts";
import type { ProjectPlace } from "./locate.ts";
import { faultOf } from "./script/errors.ts";
import { readScript } from "./script/load.ts";

export type { RunExec, Task };

/** The tasks of a project by name, none when it has no `reyns.ts`. */
export async function readTasks({ script }: ProjectPlace): Promise<ReadonlyMap<string, Task>> {
  return script === undefined ? new Map<string, Task>() : (await readScript(script)).tasks;
}

/** @throws ReynsError UNKNOWN_TASK with the nearest name */
export function taskNamed(tasks: ReadonlyMap<string, Task>, name: string): Task {
  const task = tasks.get(name);
  if (task) return task;
  const hint =
    tasks.size === 0
      ? 'define it in reyns.ts: task("NAME", "What it does", async ({ exec, $, args }) => { … })'
      : acceptedHint(name, tasks.keys());
  throw new ReynsError("UNKNOWN_TASK", `no task "${name}" in this project`, { hint });
}

interface Settings {
  /** The project's folder, in which it runs. */
  readonly folder: string;
  readonly args: Readonly<Record<string, string>>;
  /** Runs a command in an instance. */
  readonly exec: RunExec;
  /** Shows the commands of `$`, and what they write. */
  readonly show: (output: "command" | "stdout" | "stderr", text: Uint8Array | string) => void;
  /** Ends what `$` runs. */
  readonly interrupt: AbortController;
}

/** How a task has ended, when it has not failed. */
export interface Ended {
  /** What its function returned. */
  readonly result: unknown;
  /** Keys of the call that it never looked at: misspelt, it may be. */
  readonly unread: readonly string[];
}

/**
 * Runs a task of a `reyns.ts` that has been read.
 *
 * @throws ReynsError TASK_FAILED at the place in the user's file; INTERRUPTED
 */
export async function runTask(task: Task, settings: Settings): Promise<Ended> {
  const { folder, interrupt } = settings;
  const { $, cd } = await import("zx");
  const begun = beginWork();
  const [show, shown] = remembered(settings.show);
  Object.assign($, { verbose: true, ac: interrupt, log: logTo(show, begun) });
  const [args, unread] = watched(settings.args);
  const exec = execOf(followed(settings.exec, begun), task.at.file);
  const caller = process.cwd();
  cd(folder);
  try {
    const result = await withLooseErrors(async () => {
      const returned = await task.run({ args, exec, $: $ as Shell });
      await begun.ended();
      return returned;
    }, interrupt.signal);
    return { result, unread: [...unread] };
  } catch (error) {
    throw interrupt.signal.aborted || isInterrupted(error)
      ? new ReynsError("INTERRUPTED", `the task "${task.name}" was interrupted`)
      : await taskFault(error, task, shown());
  } finally {
    cd(caller);
  }
}

/** Shows, and remembers the end of what was shown. */
function remembered(show: Settings["show"]): [Settings["show"], () => string] {
  let shown = "";
  const remember: Settings["show"] = (output, text) => {
    shown = `${shown}${Buffer.from(text).toString()}`.slice(-20_000);
    show(output, text);
  };
  return [remember, () => shown];
}

function logTo(show: Settings["show"], begun: BegunWork): (entry: LogEntry) => void {
  return (entry) => {
    if (entry.kind === "cmd") begun.begin(entry.id);
    if (entry.kind === "end") begun.end(entry.id);
    if (entry.verbose === false) return;
    if (entry.kind === "cmd") show("command", entry.cmd);
    else if (entry.kind === "stdout" || entry.kind === "stderr") show(entry.kind, entry.data);
  };
}

function followed(exec: RunExec, begun: BegunWork): RunExec {
  return async (call) => {
    begun.begin(call);
    try {
      return await exec(call);
    } finally {
      begun.end(call);
    }
  };
}

/** The arguments as the task sees them, and those that it has not looked at. */
function watched(
  args: Readonly<Record<string, string>>,
): [Readonly<Record<string, string>>, ReadonlySet<string>] {
  const unread = new Set(Object.keys(args));
  const own = { ...args, __proto__: null };
  const seen = new Proxy(own as unknown as Record<string, string>, {
    get: (all, key) => {
      unread.delete(String(key));
      return Reflect.get(all, key) as unknown;
    },
    has: (all, key) => {
      unread.delete(String(key));
      return Reflect.has(all, key);
    },
    ownKeys: (all) => {
      unread.clear();
      return Reflect.ownKeys(all);
    },
  });
  return [seen, unread];
}

/** Ctrl-C reaches a command of `$` as well, whose end may be seen first. */
function isInterrupted(thrown: unknown): boolean {
  return thrown instanceof Error && "signal" in thrown && thrown.signal === "SIGINT";
}

/** The task has failed, not the project: that is another status. What has been shown is not said again. */
async function taskFault(thrown: unknown, { name, at }: Task, shown: string): Promise<Error> {
  const fault = await faultOf(thrown, at.file, []);
  if (!(fault instanceof ReynsError)) return fault;
  if (fault.code === "INTERRUPTED") return fault;
  const code = fault.code === "INVALID_PROJECT" ? "TASK_FAILED" : fault.code;
  return new ReynsError(code, fault.message, {
    at: fault.at?.line === undefined ? at : fault.at,
    hint: fault === thrown ? fault.hint : `the task "${name}" stopped here`,
    output: fault.output.filter((line) => !shown.includes(line)),
    cause: thrown,
  });
}
