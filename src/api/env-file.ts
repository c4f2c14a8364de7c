import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { inside, ReynsError, type Place } from "../errors.ts";

/**
 * Reads the variables of env files; later files win. Errors carry the place of an invalid line, but not its text, which
 * may be a secret.
 *
 * @param files relative to `folder`
 * @see https://nodejs.org/api/util.html#utilparseenvcontent for the format
 */
export function readEnvFiles(
  files: readonly string[],
  folder: string,
  at: Place,
): { env: Record<string, string>; errors: ReynsError[] } {
  const env: Record<string, string> = {};
  const errors = files.flatMap((name, index) => {
    const file = resolve(folder, name);
    try {
      const text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
      Object.assign(env, parseEnv(text));
      return findSyntaxErrors(text, file);
    } catch (cause) {
      const message = `cannot read the env file ${name}`;
      const hint = `envFile is relative to the project's folder: ${file}`;
      const details = { hint, at: inside(at, "envFile", index), cause };
      return [new ReynsError("INVALID_PROJECT", message, details)];
    }
  });
  return { env, errors };
}

const assignment = /^[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.-]*[ \t]*=[ \t]*(["'`])?/;

/** Finds lines that the parser would skip silently. */
function findSyntaxErrors(text: string, file: string): ReynsError[] {
  const errors: ReynsError[] = [];
  const addError = (line: number, message: string, hint: string): void =>
    void errors.push(new ReynsError("INVALID_PROJECT", message, { hint, at: { file, line } }));
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    if (/^\s*(#|$)/.test(line)) continue;
    const found = assignment.exec(line);
    if (!found) {
      addError(index + 1, "not a variable", "write NAME=value; comments start with #");
      continue;
    }
    const [whole, quote] = found;
    if (quote === undefined) continue;
    const end = findClosingQuote(lines, { line: index, column: whole.length }, quote);
    if (!end) {
      addError(index + 1, "unclosed quotation mark", `close it with ${quote}`);
      return errors;
    }
    index = end.line;
    if (!/^\s*(#|$)/.test((lines[index] ?? "").slice(end.column)))
      addError(index + 1, "unexpected text after the closing quotation mark", "quote all of it");
  }
  return errors;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

/** The position after the closing quote of a value, which may span several lines. */
function findClosingQuote(
  lines: readonly string[],
  begin: Position,
  quote: string,
): Position | undefined {
  for (let line = begin.line; line < lines.length; line += 1) {
    const text = lines[line] ?? "";
    let column = line === begin.line ? begin.column : 0;
    for (; column < text.length; column += 1) {
      if (text[column] === "\\") column += 1;
      else if (text[column] === quote) return { line, column: column + 1 };
    }
  }
  return undefined;
}
