import { existsSync, readFileSync } from "node:fs";
import { placeInStack } from "../api/recorder.ts";
import { ReynsError, type Place } from "../errors.ts";
import { acceptedHint } from "../suggest.ts";

/** What Bun adds to the errors of an import. */
interface Fault {
  readonly message?: string;
  readonly stack?: string;
  /** Of a file that is not TypeScript. */
  readonly position?: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
  } | null;
  /** Of a module that is not there: its name, and the file that asks for it. */
  readonly specifier?: string;
  readonly referrer?: string;
}

/**
 * A fault of the user's code as an error at its place, in `reyns.ts` or a file that it imports.
 *
 * @param exported the names that the module "reyns" has, for one that is misspelt
 */
export function faultOf(thrown: unknown, file: string, exported: readonly string[]): Error {
  if (thrown instanceof Error && (thrown.name === "ReynsError" || thrown.name === "ReynsErrors"))
    return thrown;
  if (isFailedCommand(thrown)) return commandFault(thrown, file);
  const fault: Fault = thrown instanceof Error ? thrown : {};
  const message = fault.message ?? String(thrown);
  const [, name, module] = /^Export named '(.+)' not found in module '(.+)'/.exec(message) ?? [];
  return new ReynsError("INVALID_PROJECT", message, {
    at: name === undefined ? placeOf(fault, file) : placeInText(file, new RegExp(`\\b${name}\\b`)),
    hint:
      name !== undefined && module === "reyns"
        ? acceptedHint(name, exported)
        : "reyns.ts is a program; this is where it stopped",
    cause: thrown,
  });
}

/** What zx throws when a command of `$` fails. */
interface FailedCommand extends Error {
  readonly exitCode: number | null;
  readonly stderr: string;
}

function isFailedCommand(thrown: unknown): thrown is FailedCommand {
  return thrown instanceof Error && "exitCode" in thrown && "stderr" in thrown;
}

function commandFault(
  { exitCode, stderr, message, stack }: FailedCommand,
  file: string,
): ReynsError {
  const ended = exitCode === null ? "was ended by a signal" : `ended with status ${exitCode}`;
  return new ReynsError("INVALID_PROJECT", `a command of $ ${ended}`, {
    at: placeInStack(`${message}\n${stack ?? ""}`, file),
    output: stderr.split("\n").filter((line) => line !== ""),
    hint: "catch it with .nothrow() where that may be",
  });
}

function placeOf({ position, specifier, referrer, stack }: Fault, file: string): Place {
  if (position)
    return { file: position.file || file, line: position.line, column: position.column };
  if (specifier !== undefined && referrer !== undefined)
    return placeInText(referrer, new RegExp(`["'\`]${RegExp.escape(specifier)}["'\`]`));
  return placeInStack(stack ?? "", file);
}

/** Where a pattern stands first in a file; for faults that come without a place. */
function placeInText(file: string, pattern: RegExp): Place {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const offset = text.search(pattern);
  if (offset < 0) return { file };
  const before = text.slice(0, offset).split("\n");
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
