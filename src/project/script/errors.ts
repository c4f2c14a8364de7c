import { readFileSync } from "node:fs";
import { placeInStack } from "../../api/source-location.ts";
import { ReynsError, ReynsErrors, type Place } from "../../errors.ts";
import { acceptedHint, didYouMean } from "../../lib/suggest.ts";

/** An error of an import, with the fields that Bun adds. */
interface BunError {
  readonly message?: string;
  readonly stack?: string;
  /** Where a file is not valid TypeScript. */
  readonly position?: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
  } | null;
  /** The name of a missing module, and the file that imports it. */
  readonly specifier?: string;
  readonly referrer?: string;
  /** All errors of a file with several. */
  readonly errors?: readonly Error[];
}

/**
 * Turns anything thrown by the user's code into an error with its place, in `reyns.ts` or a file that it imports.
 *
 * @param exported the exports of the module "reyns", to suggest one for a misspelt name
 */
export async function toReynsError(
  thrown: unknown,
  file: string,
  exported: readonly string[],
): Promise<ReynsError | ReynsErrors> {
  if (thrown instanceof ReynsErrors || thrown instanceof ReynsError) return thrown;
  if (isFailedCommand(thrown)) return commandError(thrown, file);
  if (!(thrown instanceof Error) && !isBuildMessage(thrown)) return thrownValueError(thrown, file);
  const error: BunError = thrown;
  if (error.errors && error.errors.length > 0)
    // The others are consequences of the first one.
    return toReynsError(error.errors[0], file, exported);
  if (error.position) return syntaxError(error.message ?? "", error.position, file);
  const { importError } = await import("./import-errors.ts");
  const { message, specifier, referrer } = error;
  const failure = importError({ message, specifier, referrer }, file, exported);
  return failure ?? runtimeError(error, file, exported);
}

/** Bun's BuildMessage and ResolveMessage do not always extend `Error`. */
function isBuildMessage(thrown: unknown): thrown is BunError {
  return (
    typeof thrown === "object" && thrown !== null && ("position" in thrown || "specifier" in thrown)
  );
}

/** The error that zx throws if a command of `$` fails. */
interface FailedCommand extends Error {
  readonly exitCode: number | null;
  readonly stderr: string;
}

function isFailedCommand(thrown: unknown): thrown is FailedCommand {
  return thrown instanceof Error && "exitCode" in thrown && "stderr" in thrown;
}

function commandError(
  { exitCode, stderr, message, stack }: FailedCommand,
  file: string,
): ReynsError {
  const outcome = exitCode === null ? "was killed by a signal" : `exited with status ${exitCode}`;
  return new ReynsError("INVALID_PROJECT", `a command of $ ${outcome}`, {
    at: placeInStack(`${message}\n${stack ?? ""}`, file),
    output: stderr.split("\n").filter((line) => line !== ""),
    hint: "add .nothrow() if that is acceptable",
  });
}

function syntaxError(
  message: string,
  at: NonNullable<BunError["position"]>,
  file: string,
): ReynsError {
  return new ReynsError("INVALID_PROJECT", `not valid TypeScript: ${message}`, {
    at: { file: at.file || file, line: at.line, column: at.column },
    hint: "look here and just before for a missing or superfluous bracket, quote or comma",
  });
}

/** An error that running code has thrown. */
function runtimeError(
  { message = "", stack = "" }: BunError,
  file: string,
  exported: readonly string[],
): ReynsError {
  return new ReynsError("INVALID_PROJECT", message.replace(/\.?( \(In [^]*)?$/, ""), {
    at: locateName(placeInStack(stack, file), message),
    hint: hintFor(message, exported) ?? "the file threw this error here",
  });
}

/** JavaScriptCore locates some names at their end, or after the expression that contains them. */
function locateName(at: Place, message: string): Place {
  const name = (tooEarly.exec(message) ?? notDefined.exec(message))?.[1];
  if (name === undefined || at.line === undefined || at.column === undefined) return at;
  const line = readFileSync(at.file, "utf8").split("\n")[at.line - 1] ?? "";
  const start = line.lastIndexOf(name, at.column - 1);
  return start < 0 ? at : { ...at, column: start + 1 };
}

const notDefined = /^([\w$]+) is not defined/;
const tooEarly = /^Cannot access '(\w+)' before/;

const checks = ["tcp", "http", "log", "command", "file", "healthy", "started"];

function hintFor(message: string, exported: readonly string[]): string | undefined {
  const early = tooEarly.exec(message)?.[1];
  if (early !== undefined) return `define ${early} above this line`;
  const missing = notDefined.exec(message)?.[1];
  if (missing !== undefined) {
    if (exported.includes(missing)) return `import it: import { ${missing} } from "reyns";`;
    return didYouMean(missing, exported) ?? "define or import it in this file";
  }
  const check = /'ready\.(\w+)' is undefined|\bready\.(\w+) is not a function/.exec(message);
  return check ? acceptedHint(check[1] ?? check[2] ?? "", checks) : undefined;
}

/** Only an `Error` has a stack; for any other value, the `throw` is searched for in the file. */
async function thrownValueError(thrown: unknown, file: string): Promise<ReynsError> {
  const { findThrows } = await import("./ast.ts");
  const places = findThrows(file, thrown);
  const text = typeof thrown === "string" ? JSON.stringify(thrown) : String(thrown);
  const at: Place = (places.length === 1 ? places[0] : undefined) ?? { file };
  return new ReynsError("INVALID_PROJECT", `${text} was thrown, which is not an Error`, {
    at,
    hint: 'write throw new Error("…"), which records its line',
    cause: thrown,
  });
}
