import { messageOf, ReynsError, ReynsErrors } from "../../errors.ts";
import { codeFrame, formatPlace } from "../output/code-frame.ts";
import { log, withCallOptions } from "../output/log.ts";
import { OutputClosed, printJson } from "../output/print.ts";
import { sanitizeForTerminal } from "../output/sanitize.ts";
import { isTerminal, paint, terminalWidth } from "../output/style.ts";
import { wrapText } from "../output/wrap.ts";

/**
 * Reports an error once, as text or as JSON, and returns the exit status. An error that is not a ReynsError is a bug of
 * Reyns: its stack is shown.
 */
export function reportError(error: unknown, asJson: boolean): number {
  const errors = error instanceof ReynsErrors ? error.errors : [explainSystemError(error)];
  if (asJson) printJsonErrors(errors);
  else logErrors(errors);
  return error instanceof ReynsError || error instanceof ReynsErrors ? error.exitStatus : 1;
}

/** Falls back to text on standard error when standard output cannot take the document. */
function printJsonErrors(errors: readonly unknown[]): void {
  try {
    printJson(errorsToJson(errors));
  } catch (error) {
    if (!(error instanceof OutputClosed)) logErrors([...errors, explainSystemError(error)]);
  }
}

const systemErrors: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "read-only file system",
  ENOSPC: "the disk is full",
  EISDIR: "it is a folder",
  ENOTDIR: "part of its path is not a folder",
  ELOOP: "its symbolic links lead in a circle, or none is allowed there",
  ENAMETOOLONG: "its name is too long",
  ENOTREGULAR: "it is not a regular file",
  ENXIO: "it is not a regular file",
  EFBIG: "it is larger than 10 MB",
  EDQUOT: "the disk quota is used up",
};

/** Errors of the file system are the user's to fix, wherever they come up. */
function explainSystemError(error: unknown): unknown {
  const { code = "", path } = error as NodeJS.ErrnoException;
  const reason = systemErrors[code];
  // A write that fails, unlike an open, has no path.
  if (reason === undefined || (path === undefined && !["ENOSPC", "EDQUOT"].includes(code)))
    return error;
  const subject = path === undefined ? "cannot write" : `cannot use ${path}`;
  return new ReynsError("FILE_REFUSED", `${subject}: ${reason}`, { cause: error });
}

function errorsToJson(errors: readonly unknown[]): unknown {
  const documents = errors.map(errorToJson);
  return documents.length === 1 ? { error: documents[0] } : { errors: documents };
}

function errorToJson(error: unknown): object {
  if (!(error instanceof ReynsError)) {
    const message = messageOf(error);
    return { code: "INTERNAL", message, hint: "please report this" };
  }
  const { code, message, hint, at, output } = error;
  return {
    code,
    message,
    ...(hint === undefined ? {} : { hint: withCallOptions(hint) }),
    ...(at ? { at } : {}),
    ...(output.length > 0 ? { output } : {}),
  };
}

/** The first mistakes of a file often cause the others. */
const shownErrors = 20;

function logErrors(errors: readonly unknown[]): void {
  for (const error of errors.slice(0, shownErrors)) {
    if (error instanceof ReynsError) logError(error);
    else logBug(error);
  }
  const rest = errors.length - shownErrors;
  if (rest > 0) log.error(`and ${rest} more ${rest === 1 ? "error" : "errors"}`);
}

/** Columns left of a hint or a line of a file: those of "error ". */
const indent = 6;

function logError({ message, hint, at, output }: ReynsError): void {
  const place = at ? `${formatPlace(at)}: ` : "";
  const width = terminalWidth("stderr") - indent;
  const [line, caret] = at ? codeFrame(at, width) : [];
  const hints = sanitizeForTerminal(withCallOptions(hint ?? ""))
    .split("\n")
    .filter((text) => text !== "")
    .flatMap((text) => (isTerminal("stderr") ? wrapText(text, width) : [text]));
  log.error(
    `${place}${message}`,
    ...(line === undefined ? [] : [line]),
    ...(caret === undefined ? [] : [paint("red", caret, "stderr")]),
    ...output.map((text) => `${dim("|")} ${sanitizeForTerminal(text)}`),
    ...hints.map(dim),
  );
}

function logBug(error: unknown): void {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.error("this is a bug in Reyns; please report it with the lines below", ...stack.split("\n"));
}

function dim(text: string): string {
  return paint("dim", text, "stderr");
}
