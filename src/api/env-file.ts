import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { inside, ReynsError, type Place } from "../errors.ts";

/**
 * The variables of env files, later ones over earlier ones. Lines that are no variables are told of with their place, and
 * without their text, which may be a secret's.
 *
 * @param files relative to `folder`
 * @see https://nodejs.org/api/util.html#utilparseenvcontent the form of the files
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
      // Loaded when it is needed, as it takes 1 ms.
      Object.assign(env, process.getBuiltinModule("node:util").parseEnv(text));
      return faultsOf(text, file);
    } catch (cause) {
      const hint = `envFile is relative to the project's folder: look for ${file}`;
      const place = inside(at, "envFile", index);
      return [new ReynsError("INVALID_PROJECT", `cannot read ${name}`, { hint, at: place, cause })];
    }
  });
  return { env, errors };
}

const start = /^[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.-]*[ \t]*=[ \t]*(["'`])?/;

/** What the parser would pass over without a word. */
function faultsOf(text: string, file: string): ReynsError[] {
  const errors: ReynsError[] = [];
  const refuse = (line: number, message: string, hint: string): void =>
    void errors.push(new ReynsError("INVALID_PROJECT", message, { hint, at: { file, line } }));
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (/^\s*(#|$)/.test(line)) continue;
    const found = start.exec(line);
    if (!found) {
      refuse(at + 1, "this line is no variable", "write it as NAME=value, or # before a comment");
      continue;
    }
    const [whole, quote] = found;
    if (quote === undefined) continue;
    const end = endOfQuoted(lines, { line: at, column: whole.length }, quote);
    if (!end) {
      refuse(at + 1, "a quotation mark is never closed", `close it with ${quote}`);
      return errors;
    }
    at = end.line;
    if (!/^\s*(#|$)/.test((lines[at] ?? "").slice(end.column)))
      refuse(at + 1, "something follows a closed quotation mark", "quote the whole value");
  }
  return errors;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

/** Just behind the mark that closes a quoted value, which may go over lines. */
function endOfQuoted(
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
