import { basename } from "node:path";
import { ReynsError, type Place } from "../errors.ts";
import type { Recorder } from "./recorder.ts";
import type { Shell } from "./shell.ts";
import { placeOfCaller } from "./source-location.ts";

/** What a command in an instance has written, and how it ended. */
export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** How `exec` runs a command. */
export interface ExecOptions {
  /** A status other than 0 is a result, not an error. */
  readonly nothrow?: boolean;
  /** Nothing of what it writes is shown. */
  readonly quiet?: boolean;
  /** What it reads on its standard input. */
  readonly input?: string;
  /** Who runs it; the image's user unless given. */
  readonly user?: string;
  /** The folder in which it runs; the image's unless given. */
  readonly workingDir?: string;
  /** More variables than the instance has. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A line for `/bin/sh`, or the words of a command. */
export type Command = string | readonly string[];

/** What `service()` and `dns()` give back. */
interface Handle {
  readonly service: string;
  readonly instance: string | null;
}

/** The function `exec` of a task. */
export interface Exec {
  /**
   * Runs a command in an instance that is running, and shows what it writes as it comes.
   *
   * @param target a handle, or a service of which one instance runs
   * @throws an error with `stdout`, `stderr` and `exitCode` when it ends with another status than 0
   * @example
   * await exec(db, ["psql", "--username", "postgres"], { input: "select 1" });
   * const { stdout } = await exec("web", "one", "hostname", { quiet: true });
   */
  (target: Handle | string, command: Command, options?: ExecOptions): Promise<ExecResult>;
  (service: string, instance: string, command: Command, options?: ExecOptions): Promise<ExecResult>;
}

/** What the function of a task is given. */
export interface TaskContext {
  /** The call's `key=value`: `reyns do migrate to=12` gives `{ to: "12" }`. */
  readonly args: Readonly<Record<string, string | undefined>>;
  /** Runs a command in an instance. */
  readonly exec: Exec;
  /** Runs a command of this host. */
  readonly $: Shell;
}

export type TaskFunction = (context: TaskContext) => unknown;

/** A task as `task()` defines it. */
export interface Task {
  readonly name: string;
  readonly description: string;
  readonly run: TaskFunction;
  readonly at: Place;
}

/** It is one word of a command line, in either form of it. */
const taskName = /^[A-Za-z0-9][\w.:-]*$/;

/** Keys that `reyns do` has for itself. */
const reserved = new Set(["json", "jsonout"]);

/** Records a task; its function is called by `reyns do` only. */
export function recordTask(
  recorder: Recorder,
  name: unknown,
  description: unknown,
  run: unknown,
): void {
  const at = placeOfCaller(recorder.file);
  const [mistake, hint] = mistakeIn(recorder.tasks, name, description, run) ?? [];
  if (mistake !== undefined) {
    recorder.errors.push(new ReynsError("INVALID_PROJECT", mistake, { hint, at }));
    return;
  }
  const task = { name, description, run, at } as Task;
  recorder.tasks.set(task.name, task);
}

const form = 'write it as task("NAME", "What it does", async ({ exec, $, args }) => { … })';

/** What is wrong, and what to do about it. */
function mistakeIn(
  tasks: Recorder["tasks"],
  name: unknown,
  description: unknown,
  run: unknown,
): [string, string] | undefined {
  if (typeof name !== "string" || name === "") return ["task() has no name", form];
  const called = `a task cannot be called "${name}"`;
  if (reserved.has(name)) return [`${called}: it is a key of "reyns do"`, "choose another name"];
  if (!taskName.test(name)) return [called, 'use letters, digits, "-", "_", "." and ":"'];
  const { at } = tasks.get(name) ?? {};
  if (at) {
    const before = `${basename(at.file)}:${at.line}`;
    return [`the task "${name}" is defined twice, first at ${before}`, "rename one of them"];
  }
  if (typeof description !== "string") return [`the task "${name}" has no description`, form];
  return typeof run === "function" ? undefined : [`the task "${name}" has no function`, form];
}
