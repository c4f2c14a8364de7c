import type { Place } from "../errors.ts";
import type { ServiceHandle } from "./link.ts";
import type { Shell } from "./shell.ts";

/** The output of a command in an instance, and its exit status. */
export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Options of `exec`. */
export interface ExecOptions {
  /** Return the result even if the exit status is not 0, instead of throwing an error. */
  readonly nothrow?: boolean;
  /** Do not show the output. */
  readonly quiet?: boolean;
  /** The command's standard input. */
  readonly input?: string;
  /** The user that runs it: `"NAME"`, `"UID"` or `"USER:GROUP"`. Default: the image's. */
  readonly user?: string;
  /** The working directory, an absolute path. Default: the image's. */
  readonly workingDir?: string;
  /** Variables in addition to the instance's. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A command line for `/bin/sh`, or a list of arguments that runs without a shell. */
export type Command = string | readonly string[];

/** The function `exec` of a task. */
export interface Exec {
  /**
   * Runs a command in a running instance and shows its output, as `docker exec` does.
   *
   * @param target the return value of `service()` or `dns()`, or the name of a service with one running instance
   * @throws an error with `stdout`, `stderr` and `exitCode` if the exit status is not 0, unless `nothrow` is set
   * @example
   * await exec(db, ["psql", "--username", "postgres"], { input: "select 1" });
   * const { stdout } = await exec("web", "one", "hostname", { quiet: true });
   */
  (target: ServiceHandle | string, command: Command, options?: ExecOptions): Promise<ExecResult>;
  (service: string, instance: string, command: Command, options?: ExecOptions): Promise<ExecResult>;
}

/** The argument of a task's function. */
export interface TaskContext {
  /** The `key=value` arguments of the call: `reyns do migrate to=12` gives `{ to: "12" }`. */
  readonly args: Readonly<Record<string, string | undefined>>;
  /** Runs a command in an instance. */
  readonly exec: Exec;
  /** Runs a command on this host. */
  readonly $: Shell;
}

/** The function of a task; its return value is the result under `json=true`. */
export type TaskFunction = (context: TaskContext) => unknown;

/** A task that `task()` has defined. */
export interface Task {
  readonly name: string;
  readonly description: string;
  readonly run: TaskFunction;
  readonly at: Place;
}
