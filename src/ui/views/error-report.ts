import { relative } from "node:path";
import { ReynsError, ReynsErrors, type Place } from "../../errors.ts";
import { excerptOf } from "../output/code-frame.ts";
import { harmless } from "../output/sanitize.ts";
import { OutputClosed, printJson, tell } from "../output/print.ts";
import { isTerminal, paint, widthOf } from "../output/style.ts";
import { flowing, wrapped } from "../output/wrap.ts";

/**
 * Shows what went wrong, once, for a person or as JSON, and returns the exit status. What is not an error for people
 * is a defect of Reyns: it is shown with its stack.
 */
export async function reportError(error: unknown, asJson: boolean): Promise<number> {
  const errors = error instanceof ReynsErrors ? error.errors : [explainSystem(error)];
  if (asJson) await printOrTell(errors);
  else tellAll(errors);
  return error instanceof ReynsError || error instanceof ReynsErrors ? error.exitStatus : 1;
}

/** Where there is no room for the document, people may still read what it was to say. */
async function printOrTell(errors: readonly unknown[]): Promise<void> {
  try {
    await printJson(jsonOf(errors));
  } catch (fault) {
    if (!(fault instanceof OutputClosed)) tellAll([...errors, explainSystem(fault)]);
  }
}

function tellAll(errors: readonly unknown[]): void {
  for (const one of errors) tell(textOf(one));
}

const systemFaults: Readonly<Record<string, string>> = {
  EACCES: "this user may not use it",
  EPERM: "this user may not use it",
  EROFS: "it is on a read-only file system",
  ENOSPC: "the disk is full",
  EISDIR: "it is a folder",
  ENOTDIR: "part of its path is not a folder",
};

/** What the file system refuses is for the user to mend, wherever it comes up. */
function explainSystem(error: unknown): unknown {
  const { code = "", path } = error as NodeJS.ErrnoException;
  const why = systemFaults[code];
  // A write that fails, unlike an open, does not say where.
  if (why === undefined || (path === undefined && code !== "ENOSPC")) return error;
  const where = path === undefined ? "cannot write" : `cannot use ${path}`;
  return new ReynsError("FILE_REFUSED", `${where}: ${why}`, { cause: error });
}

function jsonOf(errors: readonly unknown[]): unknown {
  const described = errors.map((error) => {
    if (!(error instanceof ReynsError))
      return {
        code: "INTERNAL",
        message: error instanceof Error ? error.message : String(error),
        hint: "please report this",
      };
    const { code, message, hint, at, output } = error;
    return {
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(at ? { at } : {}),
      ...(output.length > 0 ? { output } : {}),
    };
  });
  return described.length === 1 ? { error: described[0] } : { errors: described };
}

const indent = " ".repeat(6);

function textOf(error: unknown): string {
  const mark = paint("red", "error", "stderr");
  if (!(error instanceof ReynsError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `${mark} this is a defect of Reyns, please report it with the lines below\n${stack}`;
  }
  const dim = (text: string): string => paint("dim", text, "stderr");
  const place = error.at ? `${placeText(error.at)}: ` : "";
  const room = widthOf("stderr") - indent.length;
  const [line, caret] = error.at ? excerptOf(error.at, room) : [];
  return [
    `${mark} ${flowing(`${place}${harmless(error.message)}`, indent.length)}`,
    ...(line === undefined ? [] : [indent + line]),
    ...(caret === undefined ? [] : [indent + paint("red", caret, "stderr")]),
    ...error.output.map((text) => `${indent}${dim("|")} ${harmless(text)}`),
    ...harmless(error.hint ?? "")
      .split("\n")
      .filter((text) => text !== "")
      .flatMap((text) => (isTerminal("stderr") ? wrapped(text, room) : [text]))
      .map((text) => indent + dim(text)),
  ].join("\n");
}

/** As editors and terminals know it: `file:line:column`. */
function placeText({ file, line, column }: Place): string {
  const path = relative(process.cwd(), file);
  const shown = path.startsWith("..") || path === "" ? file : path;
  return [shown, line, column].filter((part) => part !== undefined).join(":");
}
