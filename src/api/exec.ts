import { commandArgs, commandText } from "../model/docker-syntax.ts";
import { errorWith, ReynsError, type Place } from "../errors.ts";
import { isRecord } from "../lib/is-record.ts";
import { hostNameOf } from "../model/host-names.ts";
import { placeOfCaller } from "./source-location.ts";
import { hintForKey } from "./synonyms.ts";
import type { Exec, ExecOptions, ExecResult } from "./tasks.ts";

/** A call of `exec`, whichever of its forms was used. */
export interface ExecCall {
  readonly service: string;
  /** `null`: the one running instance. */
  readonly instance: string | null;
  readonly command: readonly string[];
  readonly options: ExecOptions;
}

/** Runs the command of a call, and returns the instance it ran in. */
export type RunExec = (call: ExecCall) => Promise<ExecResult & { readonly instance: string }>;

/** The error of a command that exits with a status other than 0. */
class ExecError extends ReynsError implements ExecResult {
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

/**
 * The function `exec` of a task or a test; its errors are located in the user's file.
 *
 * @param shows whether the output is shown as it comes, unless `quiet` is set; otherwise errors have the end of it
 */
export function createExec(run: RunExec, file: string, shows: "shown" | "hidden" = "shown"): Exec {
  return async (...given: unknown[]) => {
    const at = placeOfCaller(file);
    const call = parseExecCall(given);
    if (call === undefined) {
      const hint =
        'write exec(db, "COMMAND") or exec("SERVICE", "INSTANCE", ["PROGRAM", "ARGUMENT"])';
      const message = "exec() needs an instance and a command";
      throw new ReynsError("TASK_FAILED", message, { hint, at });
    }
    checkExecOptions(call.options, at);
    const { instance, ...result } = await run(call).catch((error: unknown) => {
      throw error instanceof ReynsError ? errorWith(error, { at }) : error;
    });
    if (result.exitCode === 0 || call.options.nothrow) return result;
    const host = hostNameOf(call.service, instance);
    const message = `${host}: ${shortenCommand(call.command)} exited with status ${result.exitCode}`;
    const isHidden = shows === "hidden" || call.options.quiet;
    const output = isHidden ? lastLines(result) : [];
    throw new ExecError(result, message, { at, output });
  };
}

const execOptions: readonly string[] = Object.keys({
  nothrow: true,
  quiet: true,
  input: true,
  user: true,
  workingDir: true,
  env: true,
} satisfies Record<keyof ExecOptions, true>);

/** A misspelt option would be lost: files may be loaded without a type check. */
function checkExecOptions(options: object, at: Place): void {
  const unknown = Object.keys(options).find((key) => !execOptions.includes(key));
  if (unknown === undefined) return;
  const hint = hintForKey(unknown, execOptions);
  throw new ReynsError("TASK_FAILED", `unknown key "${unknown}" in the options of exec()`, {
    hint,
    at,
  });
}

function lastLines({ stdout, stderr }: ExecResult): string[] {
  return (stderr.trim() || stdout.trim()).split("\n").slice(-10);
}

/** Returns undefined if the arguments fit none of the forms. */
function parseExecCall([target, ...rest]: readonly unknown[]): ExecCall | undefined {
  const named = typeof target === "string" ? { service: target, instance: null } : target;
  if (typeof named !== "object" || named === null || !("service" in named)) return undefined;
  const { service, instance = null } = named as { service: string; instance?: string | null };
  // exec("db", "one", "ls"): after the name of a service, the second of two strings is the command.
  const isNamed = typeof target === "string" && typeof rest[0] === "string" && isCommand(rest[1]);
  const [command, options = {}] = isNamed ? rest.slice(1) : rest;
  if (!isCommand(command) || !isRecord(options)) return undefined;
  const chosen = isNamed ? String(rest[0]) : instance;
  return { service, instance: chosen, command: commandArgs(command), options };
}

function isCommand(value: unknown): value is string | readonly string[] {
  return typeof value === "string" || (Array.isArray(value) && value.length > 0);
}

/** The first line of the command, at most 60 characters. */
function shortenCommand(command: readonly string[]): string {
  const text = commandText(command);
  const [line = ""] = text.trim().split("\n");
  return line.length < text.trim().length || line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
