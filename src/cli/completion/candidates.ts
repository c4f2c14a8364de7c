import type { ArgDef, ArgsDef } from "citty";
import { camelCase, snakeCase } from "../../lib/letter-case.ts";
import { argumentNames, assignTokens, isSwitch } from "../args/assign.ts";
import { tokenize, type Token } from "../args/tokenize.ts";
import type { CommandTable } from "./command-table.ts";
import type { TypedLine } from "./split-line.ts";

/** A possible completion of the argument at the cursor. */
export interface Candidate {
  readonly text: string;
  readonly description?: string | undefined;
  /** The argument goes on after it: no space follows. */
  readonly isOpen?: boolean;
}

/** A request for names that only the project or the Engine knows. */
export interface NameLookup {
  /** SERVICE, PRESENT, INSTANCE, GROUP, CONF, COPY, TASK, VOLUME, HOST, ADDRESS or FILE; any other placeholder has no names. */
  readonly kind: string;
  /** The typed beginning of the name. */
  readonly start: string;
  readonly service: string | undefined;
  /** The kind of the command's service: whether only services with instances are offered. */
  readonly serviceKind: string | undefined;
}

export type LookUpNames = (lookup: NameLookup) => Promise<readonly Candidate[]>;

/** The possible completions of the argument at the cursor, each in full. */
export async function findCandidates(
  line: Pick<TypedLine, "words" | "current">,
  table: CommandTable,
  lookUpNames: LookUpNames,
): Promise<Candidate[]> {
  const cursor = locateCursor(line);
  if (!cursor) return startingWith(line.current, commandCandidates(line.current, table));
  const { command, tokens, head, piece, inCommas } = cursor;
  const listed = table.find(({ name, aliases }) => [name, ...aliases].includes(command));
  if (!listed || cursor.isInRemoteCommand) return [];
  const call = parseTypedCall(listed.args, tokens);
  const found = await pieceCandidates(call, piece, { table, lookUpNames });
  return found.map((candidate) => ({
    ...candidate,
    text: head + candidate.text,
    isOpen: (candidate.isOpen ?? false) || inCommas,
  }));
}

interface Cursor {
  readonly command: string;
  /** Everything before the cursor. */
  readonly tokens: readonly Token[];
  /** The completed part of the argument at the cursor, up to its last comma. */
  readonly head: string;
  readonly piece: string;
  readonly inCommas: boolean;
  readonly isInRemoteCommand: boolean;
}

/** Undefined while the name of the command is typed. */
function locateCursor({
  words,
  current,
}: Pick<TypedLine, "words" | "current">): Cursor | undefined {
  // Some shells include the variables set for the call: MODE=test reyns run web
  const executable = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  const before = words.slice(executable + 1);
  const [first = current] = before;
  const colon = first.startsWith("-") ? -1 : first.indexOf(":");
  if (before.length === 0 && colon < 0) return undefined;
  // In the older form, an argument after one that ends with a comma continues it.
  const inCommas = colon >= 0 && before.every((word) => word.endsWith(","));
  const start = Math.max(current.lastIndexOf(","), before.length === 0 ? colon : -1) + 1;
  const head = inCommas ? current.slice(0, start) : "";
  const { command = "", tokens } = tokenize(head === "" ? before : [...before, head]);
  const isInRemoteCommand = before.includes("--") || /(^|,|:)\s*command=/.test(head);
  return { command, tokens, head, piece: current.slice(head.length), inCommas, isInRemoteCommand };
}

/** Those of Compose before its command. */
const globalOptions = ["file", "profile", "env-file", "project-name", "project-directory"].map(
  (name) => ({ text: `--${name}=`, isOpen: true }),
);

function commandCandidates(current: string, table: CommandTable): Candidate[] {
  if (current.startsWith("-")) return [{ text: "--help" }, { text: "--version" }, ...globalOptions];
  const names = table.map(({ name, summary }) => ({ text: name, description: summary }));
  if (names.some(({ text }) => text.startsWith(current))) return names;
  // Aliases only if no name begins like this.
  return table.flatMap(({ aliases, summary }) =>
    aliases.map((text) => ({ text, description: summary })),
  );
}

/** What a call has up to the cursor, and what it may still take. */
interface TypedCall {
  readonly args: ArgsDef;
  /** Names of the arguments without a value. */
  readonly unused: readonly string[];
  /** The key before the cursor, if it waits for its value: `--conf `. */
  readonly pending: ArgDef | undefined;
  /** The next positional. */
  readonly next: ArgDef | undefined;
  readonly service: string | undefined;
}

function parseTypedCall(args: ArgsDef, tokens: readonly Token[]): TypedCall {
  const last = tokens.at(-1);
  const key = last?.value === undefined ? findArgument(last?.key ?? "", args) : undefined;
  const pending = isSwitch(key) ? undefined : key;
  const { values, positionals } = assignTokens(pending ? tokens.slice(0, -1) : tokens, args);
  const unused = Object.keys(args).filter((name) => !values.has(name));
  const open = unused.filter((name) => args[name]?.type === "positional");
  const rest = args[open.at(-1) ?? ""];
  const filled = new Set(open.slice(0, positionals.length));
  return {
    args,
    unused: unused.filter((name) => !filled.has(name)),
    pending,
    next: args[open[positionals.length] ?? ""] ?? (isRepeated(rest) ? rest : undefined),
    service: values.get("service") ?? positionals[open.indexOf("service")],
  };
}

/** Whether a positional takes all words that are left: "VOLUME...". */
function isRepeated(definition: ArgDef | undefined): boolean {
  return definition?.valueHint?.endsWith("...") ?? false;
}

interface Sources {
  readonly table: CommandTable;
  readonly lookUpNames: LookUpNames;
}

async function pieceCandidates(
  call: TypedCall,
  piece: string,
  sources: Sources,
): Promise<Candidate[]> {
  const { args, unused, pending, next } = call;
  const [, dashes = "", key, value] = /^(--)?([A-Za-z_][\w-]*)=([^]*)$/.exec(piece) ?? [];
  if (key !== undefined && value !== undefined) {
    const found = await valueCandidates(findArgument(key, args), value, call, sources);
    return found.map((candidate) => ({ ...candidate, text: `${dashes}${key}=${candidate.text}` }));
  }
  if (pending) return valueCandidates(pending, piece, call, sources);
  const names = piece.startsWith("-") ? [] : await valueCandidates(next, piece, call, sources);
  // Before anything is typed, keys would bury the names.
  if (piece === "" && names.length > 0) return names;
  return [...names, ...startingWith(piece, keyCandidates(args, unused, piece))];
}

function findArgument(key: string, args: ArgsDef): ArgDef | undefined {
  return args[argumentNames(args).get(camelCase(key)) ?? ""];
}

function keyCandidates(args: ArgsDef, names: readonly string[], piece: string): Candidate[] {
  const isDashed = piece.startsWith("-");
  const spell = (name: string): string =>
    isDashed && !piece.includes("_") ? snakeCase(name).replaceAll("_", "-") : snakeCase(name);
  const keys = names
    .filter((name) => args[name]?.type !== "positional" || piece !== "")
    .map((name) => {
      const isOpen = !isSwitch(args[name]);
      const text = `${isDashed ? "--" : ""}${spell(name)}${isOpen ? "=" : ""}`;
      return { text, description: args[name]?.description, isOpen };
    });
  return isDashed ? [...keys, { text: "--help", description: "Explain the command" }] : keys;
}

async function valueCandidates(
  definition: ArgDef | undefined,
  start: string,
  { args, service }: TypedCall,
  { table, lookUpNames }: Sources,
): Promise<Candidate[]> {
  if (!definition) return [];
  const serviceKind = args["service"]?.valueHint;
  const found = await Promise.all(
    acceptedValues(definition, start).map(async (accepted) => {
      if (!/^[A-Z]+$/.test(accepted)) return [{ text: accepted }];
      if (accepted === "VERB") return commandCandidates("", table);
      return lookUpNames({ kind: accepted, start, service, serviceKind });
    }),
  );
  return startingWith(start, found.flat());
}

/** Values to type, and in capitals the kinds of names to look up. */
function acceptedValues(definition: ArgDef, start: string): readonly string[] {
  if (definition.type === "boolean")
    return /^[A-Z]/.test(start) ? ["True", "False"] : ["true", "false"];
  if (definition.type === "enum") return definition.options ?? [];
  return definition.valueHint?.replace(/\.{3}$/, "").split("|") ?? [];
}

function startingWith(start: string, candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(({ text }) => text.startsWith(start));
}
