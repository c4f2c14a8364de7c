import { isUtf8 } from "node:buffer";
import type { Place } from "../../errors.ts";
import { parseDotenv, type ParsedDotenv } from "../../lib/dotenv.ts";
import type { Lookup } from "../../lib/interpolate.ts";
import { readRegularFile, unreadableReason } from "../../lib/read-regular-file.ts";
import { splitOnce } from "../../lib/split-once.ts";
import type { ComposeReport } from "./report.ts";

/** Variables, and the lines of env files that give them; none for those of the caller's environment. */
export interface Variables {
  readonly lookup: Lookup;
  readonly lineOf: (name: string) => Place | undefined;
}

/** Adds the variables of env files, one after another; a later file wins, and what is there before wins over all. */
export function withDotenvFiles(
  before: Variables,
  files: readonly string[],
  report: ComposeReport,
  at: Place,
): Variables {
  let variables: ReadonlyMap<string, string> = new Map();
  const places = new Map<string, Place>();
  for (const file of files) {
    const parsed = parseFile(file, before.lookup, report, at, variables);
    variables = parsed?.variables ?? variables;
    for (const [name, line] of parsed?.lines ?? []) places.set(name, { file, line });
  }
  return {
    lookup: (name) => before.lookup(name) ?? variables.get(name),
    lineOf: (name) => (before.lookup(name) === undefined ? places.get(name) : before.lineOf(name)),
  };
}

/** A value of an env file. */
export interface LocatedValue {
  readonly text: string;
  readonly line: number;
  /** What it was made of, if that has variables. */
  readonly template?: string | undefined;
}

/** The variables of one env file, with their lines. */
export function readDotenvFile(
  file: string,
  lookup: Lookup,
  report: ComposeReport,
  at: Place,
): ReadonlyMap<string, LocatedValue> {
  const parsed = parseFile(file, lookup, report, at, new Map());
  if (!parsed) return new Map();
  const { variables, lines, templates } = parsed;
  return new Map(
    [...lines].map(([name, line]) => [
      name,
      { text: variables.get(name) ?? "", line, template: templates.get(name) },
    ]),
  );
}

function parseFile(
  file: string,
  lookup: Lookup,
  report: ComposeReport,
  at: Place,
  before: ReadonlyMap<string, string>,
): ParsedDotenv | undefined {
  const text = readEnvText(file, report, at);
  if (text === undefined) return undefined;
  const parsed = parseDotenv(text, lookup, before);
  for (const { line, message, hint } of parsed.errors) report.error({ file, line }, message, hint);
  for (const { line, name } of parsed.unset)
    report.warn(
      { file, line },
      `the value of ${name} has a variable that is not set: it is left empty`,
      "write $$ for a dollar sign",
    );
  return parsed;
}

function readEnvText(file: string, report: ComposeReport, at: Place): string | undefined {
  try {
    const bytes = readRegularFile(file);
    if (isUtf8(bytes)) return bytes.toString().replace(/^\uFEFF/, "");
    report.error({ file }, "the file is not UTF-8", "save it as UTF-8");
  } catch (error) {
    const reason = unreadableReason(error);
    const isDenied = reason === "permission denied";
    const hint = isDenied ? "make it readable for this user" : "correct its path, or remove it";
    report.error(at, `cannot read the file ${file}: ${reason}`, hint);
  }
  return undefined;
}

/** The variables of an env file of the format "raw": values are what is behind the first "=". */
export function readRawEnvFile(
  file: string,
  lookup: Lookup,
  report: ComposeReport,
  at: Place,
): ReadonlyMap<string, LocatedValue> {
  const lines = (readEnvText(file, report, at) ?? "").split(/\r?\n/);
  return new Map(
    lines.flatMap((text, index): (readonly [string, LocatedValue])[] => {
      if (text.trim() === "" || text.trimStart().startsWith("#")) return [];
      const [name, value] = splitOnce(text.trimStart(), "=");
      const found = text.includes("=") ? value : lookup(name);
      return found === undefined ? [] : [[name, { text: found, line: index + 1 }]];
    }),
  );
}
