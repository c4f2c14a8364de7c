import { readFileSync } from "node:fs";
import { placeInStack } from "../../api/source-location.ts";
import { ReynsError, ReynsErrors, type Place } from "../../errors.ts";
import { acceptedHint, didYouMean } from "../../lib/suggest.ts";

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
  /** Several of a file. */
  readonly errors?: readonly Error[];
}

/**
 * A fault of the user's code as an error at its place, in `reyns.ts` or a file that it imports.
 *
 * @param exported the names that the module "reyns" has, for one that is misspelt
 */
export async function faultOf(
  thrown: unknown,
  file: string,
  exported: readonly string[],
): Promise<ReynsError | ReynsErrors> {
  if (thrown instanceof ReynsErrors || thrown instanceof ReynsError) return thrown;
  if (isFailedCommand(thrown)) return commandFault(thrown, file);
  if (!(thrown instanceof Error) && !isBuildMessage(thrown)) return thrownValue(thrown, file);
  const fault: Fault = thrown;
  if (fault.errors && fault.errors.length > 0)
    // Those after the first one follow from it.
    return faultOf(fault.errors[0], file, exported);
  if (fault.position) return syntaxFault(fault.message ?? "", fault.position, file);
  const { importFault } = await import("./import-errors.ts");
  const { message, specifier, referrer } = fault;
  const known = importFault({ message, specifier, referrer }, file, exported);
  return known ?? stopped(fault, file, exported);
}

/** Bun's own kinds are no `Error`s everywhere. */
function isBuildMessage(thrown: unknown): thrown is Fault {
  return (
    typeof thrown === "object" && thrown !== null && ("position" in thrown || "specifier" in thrown)
  );
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

function syntaxFault(
  message: string,
  at: NonNullable<Fault["position"]>,
  file: string,
): ReynsError {
  return new ReynsError("INVALID_PROJECT", `not valid TypeScript: ${message}`, {
    at: { file: at.file || file, line: at.line, column: at.column },
    hint: "look here and just before: a bracket, a quote or a comma is missing, or one too many",
  });
}

/** What runs and throws. */
function stopped(
  { message = "", stack = "" }: Fault,
  file: string,
  exported: readonly string[],
): ReynsError {
  return new ReynsError("INVALID_PROJECT", message.replace(/\.?( \(In [^]*)?$/, ""), {
    at: atName(placeInStack(stack, file), message),
    hint: hintFor(message, exported) ?? "the file is a program; this is where it stopped",
  });
}

/** The engine of JavaScript places some names at their end, or behind what they stand in. */
function atName(at: Place, message: string): Place {
  const name = (tooEarly.exec(message) ?? notDefined.exec(message))?.[1];
  if (name === undefined || at.line === undefined || at.column === undefined) return at;
  const line = readFileSync(at.file, "utf8").split("\n")[at.line - 1] ?? "";
  const start = line.lastIndexOf(name, at.column - 1);
  return start < 0 ? at : { ...at, column: start + 1 };
}

const notDefined = /^([\w$]+) is not defined/;
const tooEarly = /^Cannot access '(\w+)' before/;

const checks = ["tcp", "http", "log", "command", "file", "healthy"];

function hintFor(message: string, exported: readonly string[]): string | undefined {
  const early = tooEarly.exec(message)?.[1];
  if (early !== undefined) return `move what defines ${early} above this line`;
  const missing = notDefined.exec(message)?.[1];
  if (missing !== undefined) {
    if (exported.includes(missing)) return `import it: import { ${missing} } from "reyns";`;
    return didYouMean(missing, exported) ?? "it is neither defined in this file nor imported";
  }
  const check = /'ready\.(\w+)' is undefined|\bready\.(\w+) is not a function/.exec(message);
  return check ? acceptedHint(check[1] ?? check[2] ?? "", checks) : undefined;
}

/** Only an `Error` knows its place; any other value is looked for where the file throws. */
async function thrownValue(thrown: unknown, file: string): Promise<ReynsError> {
  const { throwsOf } = await import("./ast.ts");
  const places = throwsOf(file, thrown);
  const text = typeof thrown === "string" ? JSON.stringify(thrown) : String(thrown);
  const at: Place = (places.length === 1 ? places[0] : undefined) ?? { file };
  return new ReynsError("INVALID_PROJECT", `${text} was thrown, which is no Error`, {
    at,
    hint: 'throw new Error("…") instead: it knows its line',
    cause: thrown,
  });
}
