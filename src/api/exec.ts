import { commandText, commandArgs } from "../model/docker-syntax.ts";
import { errorWith, ReynsError } from "../errors.ts";
import { isRecord } from "../lib/is-record.ts";
import { hostNameOf } from "../model/host-names.ts";
import { placeOfCaller } from "./source-location.ts";
import type { Exec, ExecOptions, ExecResult } from "./tasks.ts";

/** A call of `exec` in one form, whichever it was written in. */
export interface ExecCall {
  readonly service: string;
  /** `null`: the one that runs. */
  readonly instance: string | null;
  readonly words: readonly string[];
  readonly options: ExecOptions;
}

/** Carries out a call; `instance` is the one that was chosen. */
export type RunExec = (call: ExecCall) => Promise<ExecResult & { readonly instance: string }>;

/** A command of `exec` that has ended with another status than 0. */
class ExecFailure extends ReynsError implements ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;

  constructor(result: ExecResult, message: string, details: Pick<ReynsError, "at" | "output">) {
    super("TASK_FAILED", message, details);
    this.stdout = result.stdout;
    this.stderr = result.stderr;
    this.exitCode = result.exitCode;
  }
}

/** The function `exec` of a task, whose faults are placed in the user's file. */
export function execOf(run: RunExec, file: string): Exec {
  return async (...given: unknown[]) => {
    const at = placeOfCaller(file);
    const call = readCall(given);
    if (call === undefined) {
      const hint = 'write exec(db, "COMMAND") or exec("SERVICE", "INSTANCE", ["WORD", "WORD"])';
      const message = "exec() needs an instance and a command";
      throw new ReynsError("TASK_FAILED", message, { hint, at });
    }
    const { instance, ...result } = await run(call).catch((error: unknown) => {
      throw error instanceof ReynsError ? errorWith(error, { at }) : error;
    });
    if (result.exitCode === 0 || call.options.nothrow) return result;
    const host = hostNameOf(call.service, instance);
    const message = `${host}: ${described(call.words)} ended with status ${result.exitCode}`;
    // What has been shown as it came is not said again.
    const output = call.options.quiet ? lastLinesOf(result) : [];
    throw new ExecFailure(result, message, { at, output });
  };
}

function lastLinesOf({ stdout, stderr }: ExecResult): string[] {
  return (stderr.trim() || stdout.trim()).split("\n").slice(-10);
}

/** Undefined when it cannot be understood. */
function readCall([target, ...rest]: readonly unknown[]): ExecCall | undefined {
  const named = typeof target === "string" ? { service: target, instance: null } : target;
  if (typeof named !== "object" || named === null || !("service" in named)) return undefined;
  const { service, instance = null } = named as { service: string; instance?: string | null };
  // exec("db", "one", "ls"): behind a service's name, the second of two texts is the command.
  const isNamed = typeof target === "string" && typeof rest[0] === "string" && isCommand(rest[1]);
  const [command, options = {}] = isNamed ? rest.slice(1) : rest;
  if (!isCommand(command) || !isRecord(options)) return undefined;
  const one = isNamed ? String(rest[0]) : instance;
  return { service, instance: one, words: commandArgs(command), options };
}

function isCommand(value: unknown): value is string | readonly string[] {
  return typeof value === "string" || (Array.isArray(value) && value.length > 0);
}

/** The command as it was written, cut where it gets long. */
function described(words: readonly string[]): string {
  const text = commandText(words);
  const [line = ""] = text.trim().split("\n");
  return line.length < text.trim().length || line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
