import { interpolate, type Lookup } from "./interpolate.ts";

/** A mistake at a line. It quotes no value, which may be a secret. */
export interface LineError {
  readonly line: number;
  readonly message: string;
  readonly hint: string;
}

export interface ParsedDotenv {
  /** The variables before, with those of the file. */
  readonly variables: ReadonlyMap<string, string>;
  /** The lines of those that the file gives. */
  readonly lines: ReadonlyMap<string, number>;
  /** What those values were made of that have variables, for `splitTemplate`. */
  readonly templates: ReadonlyMap<string, string>;
  readonly errors: readonly LineError[];
  /** Names of the variables whose values refer to others that are not set; those may be parts of a password. */
  readonly unset: readonly { readonly line: number; readonly name: string }[];
}

/**
 * Parses the text of an env file by the rules of Docker Compose:
 *
 * - `NAME=value`, `NAME: value`, `export NAME=value`. A bare `NAME` takes the caller's value, or is left out.
 * - An unquoted value ends at the end of the line, or before a blank and `#`. Variables in it are replaced.
 * - A double-quoted value may span lines. Escapes (`\n`, `\t`, `\"`, `\\`, `\$`, …) and variables in it are replaced.
 * - A single-quoted value may span lines. It is literal, except for `\'`.
 *
 * Variables have the value of an earlier line, else of `before`, else the caller's.
 *
 * @see https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax
 */
export function parseDotenv(
  text: string,
  caller: Lookup,
  before: ReadonlyMap<string, string> = new Map(),
): ParsedDotenv {
  const variables = new Map(before);
  const lines = new Map<string, number>();
  const templates = new Map<string, string>();
  const errors: LineError[] = [];
  const unset: { line: number; name: string }[] = [];
  const lookup: Lookup = (name) => variables.get(name) ?? caller(name);
  const evaluate = ({ line, name, quote, raw }: Assignment): string | undefined => {
    templates.delete(name);
    if (raw === undefined) {
      templates.set(name, `\${${name}}`);
      return caller(name);
    }
    if (quote === "'") return raw;
    const template = quote === '"' ? expandEscapes(raw) : raw;
    if (template.includes("$")) templates.set(name, template);
    const result = interpolate(template, lookup);
    errors.push(...result.errors.map((error) => ({ line, ...error })));
    if (result.unset.length > 0) unset.push({ line, name });
    return result.text;
  };
  for (const statement of statementsOf(text.replaceAll("\r\n", "\n"))) {
    if ("message" in statement) {
      errors.push(statement);
      continue;
    }
    const value = evaluate(statement);
    if (value?.includes("\0")) errors.push({ line: statement.line, ...nulInValue });
    else if (value !== undefined) {
      variables.set(statement.name, value);
      lines.set(statement.name, statement.line);
    }
  }
  return { variables, lines, templates, errors, unset };
}

interface Assignment {
  readonly line: number;
  readonly name: string;
  readonly quote: string | undefined;
  /** Undefined for a bare name. */
  readonly raw: string | undefined;
}

const nulInValue = {
  message: "a value with a NUL character",
  hint: "the value of an environment variable cannot contain one",
};

const textAfterQuote = {
  message: "unexpected text after the closing quotation mark",
  hint: "quote the whole value; a comment starts with #",
};

const notVariable = {
  message: "not a variable",
  hint: "write NAME=value; a comment starts with # on a line of its own",
};

/** Blanks, but no line break. */
const blank = String.raw`[\t\v\f\r \u0085\u00A0]`;
const named = new RegExp(
  `(?:export(?=${blank})${blank}*)?([\\p{L}\\p{N}_.\\-[\\]]+)${blank}*(?:([=:])${blank}*|(?=\\n|$))`,
  "uy",
);
const blanks = /(?:\s|\u0085)*/uy;
const commentLine = /#[^\n]*/uy;
const toLineEnd = /[^\n]*/uy;
const toEnd = /[^]*/uy;
const openQuote = /(["'])/uy;
const quotedValue = /(["'])((?:\\[^]|(?!\1)[^\\])*)\1/uy;
const restOfLine = new RegExp(`${blank}*(?:#[^\\n]*)?(?=\\n|$)`, "uy");

function* statementsOf(text: string): Generator<Assignment | LineError> {
  const scanner = createScanner(text);
  for (scanner.take(blanks); !scanner.isAtEnd(); scanner.take(blanks)) {
    const line = scanner.line();
    const comment = scanner.take(commentLine);
    if (comment !== undefined) continue;
    const [name, separator] = scanner.take(named)?.groups ?? [];
    if (name === undefined) {
      scanner.take(toLineEnd);
      yield { line, ...notVariable };
    } else if (separator === undefined) {
      yield { line, name, quote: undefined, raw: undefined };
    } else {
      yield readValue(scanner, line, name);
    }
  }
}

function readValue(scanner: Scanner, line: number, name: string): Assignment | LineError {
  const quoted = scanner.take(quotedValue);
  if (quoted) {
    const [quote = "", inner = ""] = quoted.groups;
    if (scanner.take(restOfLine)) return { line, name, quote, raw: unescapeQuote(inner, quote) };
    const error = { line: scanner.line(), ...textAfterQuote };
    scanner.take(toLineEnd);
    return error;
  }
  const [quote] = scanner.take(openQuote)?.groups ?? [];
  // Everything behind it may be meant to be the value.
  if (quote !== undefined) {
    scanner.take(toEnd);
    return { line, message: "unclosed quotation mark", hint: `close it with ${quote}` };
  }
  const value = scanner.take(toLineEnd)?.text ?? "";
  return { line, name, quote: undefined, raw: (value.split(" #")[0] ?? "").trimEnd() };
}

interface Scanner {
  /** Number of the line at the position. */
  line(): number;
  isAtEnd(): boolean;
  /** Moves behind the match of a sticky pattern at the position. */
  take(pattern: RegExp): Match | undefined;
}

interface Match {
  readonly text: string;
  readonly groups: readonly (string | undefined)[];
}

function createScanner(text: string): Scanner {
  let position = 0;
  let line = 1;
  return {
    line: () => line,
    isAtEnd: () => position >= text.length,
    take(pattern) {
      pattern.lastIndex = position;
      const match = pattern.exec(text);
      if (!match) return undefined;
      const [taken, ...groups] = match;
      position += taken.length;
      line += taken.split("\n").length - 1;
      return { text: taken, groups };
    },
  };
}

function unescapeQuote(inner: string, quote: string): string {
  return inner.replace(/\\[^]/gu, (escape) => (escape === `\\${quote}` ? quote : escape));
}

const escapes: Readonly<Record<string, string>> = {
  ...{ a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
  ...{ '"': '"', "\\": "\\", $: "$$" },
};

/** Replaces the escapes of a double-quoted value; `\$` becomes `$$`, which `interpolate` keeps as a dollar sign. */
function expandEscapes(raw: string): string {
  return raw.replace(/\\(?:0([0-3][0-7]{2})|([abfnrtv"\\$]))/g, (_, octal?: string, key?: string) =>
    octal === undefined ? (escapes[key ?? ""] ?? "") : String.fromCharCode(parseInt(octal, 8)),
  );
}
