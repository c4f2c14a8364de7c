import type { ArgDef } from "citty";
import { camelCase, keyNames, snakeCase, sortWords } from "../args/parse.ts";
import { splitWords, type Word } from "../args/tokenize.ts";
import type { CommandTable, ListedCommand } from "./command-table.ts";
import type { TypedLine } from "./split-line.ts";

/** A word that could stand at the cursor. */
export interface Candidate {
  readonly text: string;
  readonly description?: string | undefined;
  /** More of the same word is to come: no space follows. */
  readonly isOpen?: boolean;
}

/** What a look-up may depend on. */
export interface Asked {
  /** What is looked up: SERVICE, PRESENT, INSTANCE, GROUP, CONF, TASK, HOST, FILE. Others are for people. */
  readonly kind: string;
  /** What of the word is there. */
  readonly start: string;
  readonly service: string | undefined;
  /** What the command takes as its service: whose instances are meant. */
  readonly serviceKind: string | undefined;
}

export type LookUp = (asked: Asked) => Promise<readonly Candidate[]>;

/** All that could stand at the cursor, as whole words. */
export async function candidatesFor(
  line: Pick<TypedLine, "words" | "current">,
  table: CommandTable,
  lookUp: LookUp,
): Promise<Candidate[]> {
  const place = placeIn(line);
  if (!place) return startingWith(line.current, firstWords(line.current, table));
  const { command, given, head, piece, inCommas } = place;
  const listed = table.find(({ name, aliases }) => [name, ...aliases].includes(command));
  if (!listed || place.isOver) return [];
  const found = await pieces(callOf(listed, given), piece, { table, lookUp });
  return found.map((one) => ({
    ...one,
    text: head + one.text,
    isOpen: (one.isOpen ?? false) || inCommas,
  }));
}

interface CursorPlace {
  readonly command: string;
  /** The words before the cursor, in either grammar. */
  readonly given: readonly Word[];
  /** What of the word at the cursor is complete. */
  readonly head: string;
  readonly piece: string;
  readonly inCommas: boolean;
  /** What comes now is not for Reyns. */
  readonly isOver: boolean;
}

/** Undefined while the command's name is being typed. */
function placeIn({
  words,
  current,
}: Pick<TypedLine, "words" | "current">): CursorPlace | undefined {
  // Some shells show the variables that are set for the call, too: MODE=test reyns run web
  const executable = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  const before = words.slice(executable + 1);
  const [first = current] = before;
  const colon = first.startsWith("-") ? -1 : first.indexOf(":");
  if (before.length === 0 && colon < 0) return undefined;
  // In the older form, what follows a comma belongs to it.
  const inCommas = colon >= 0 && before.every((word) => word.endsWith(","));
  const start = Math.max(current.lastIndexOf(","), before.length === 0 ? colon : -1) + 1;
  const head = inCommas ? current.slice(0, start) : "";
  const { command = "", words: given } = splitWords(head === "" ? before : [...before, head]);
  const isOver = before.includes("--") || /(^|,|:)\s*command=/.test(head);
  return { command, given, head, piece: current.slice(head.length), inCommas, isOver };
}

function firstWords(current: string, table: CommandTable): Candidate[] {
  if (current.startsWith("-")) return [{ text: "--help" }, { text: "--version" }];
  const names = table.map(({ name, summary }) => ({ text: name, description: summary }));
  if (names.some(({ text }) => text.startsWith(current))) return names;
  // Other names only for those who began with one.
  return table.flatMap(({ aliases, summary }) =>
    aliases.map((text) => ({ text, description: summary })),
  );
}

/** A call as far as it is typed. */
interface Call {
  readonly definitions: ReadonlyMap<string, ArgDef>;
  /** What has no value yet. */
  readonly unused: readonly (readonly [string, ArgDef])[];
  /** The key before the cursor that waits for its value: `--conf `. */
  readonly waiting: ArgDef | undefined;
  /** The word that comes next. */
  readonly next: ArgDef | undefined;
  readonly service: string | undefined;
}

function callOf({ args }: ListedCommand, given: readonly Word[]): Call {
  const definitions = new Map(Object.entries(args));
  const last = given.at(-1);
  const isWaiting = last !== undefined && "key" in last && last.value === undefined;
  const key = isWaiting ? definitionOf(last.key, definitions) : undefined;
  const waiting = key?.type === "boolean" ? undefined : key;
  const { values, free } = sortWords(waiting ? given.slice(0, -1) : given, definitions);
  const positionals = [...definitions].filter(
    ([name, { type }]) => type === "positional" && !values.has(name),
  );
  const filled = new Map([
    ...values,
    ...positionals.slice(0, free.length).map(([name], index) => [name, free[index]] as const),
  ]);
  const unused = [...definitions].filter(([name]) => !filled.has(name));
  const next = positionals[free.length]?.[1];
  return { definitions, unused, waiting, next, service: filled.get("service") };
}

interface Knowledge {
  readonly table: CommandTable;
  readonly lookUp: LookUp;
}

async function pieces(call: Call, piece: string, knowledge: Knowledge): Promise<Candidate[]> {
  const { definitions, unused, waiting, next } = call;
  const [, dashes = "", key, value] = /^(--)?([A-Za-z_][\w-]*)=([^]*)$/.exec(piece) ?? [];
  if (key !== undefined && value !== undefined) {
    const found = await valuesOf(definitionOf(key, definitions), value, call, knowledge);
    return found.map((one) => ({ ...one, text: `${dashes}${key}=${one.text}` }));
  }
  if (waiting) return valuesOf(waiting, piece, call, knowledge);
  const words = piece.startsWith("-") ? [] : await valuesOf(next, piece, call, knowledge);
  // All keys only where no word is expected, or none is known.
  if (piece === "" && words.length > 0) return words;
  return [...words, ...startingWith(piece, keysOf(unused, piece))];
}

function definitionOf(key: string, definitions: Call["definitions"]): ArgDef | undefined {
  return definitions.get(keyNames(definitions).get(camelCase(key)) ?? "");
}

function keysOf(definitions: readonly (readonly [string, ArgDef])[], piece: string): Candidate[] {
  const dashed = piece.startsWith("-");
  const spelt = (name: string): string =>
    dashed && !piece.includes("_") ? snakeCase(name).replaceAll("_", "-") : snakeCase(name);
  const keys = definitions
    .filter(([, { type }]) => type !== "positional" || piece !== "")
    .map(([name, { type, description }]) => {
      const isOpen = type !== "boolean";
      return {
        text: `${dashed ? "--" : ""}${spelt(name)}${isOpen ? "=" : ""}`,
        description,
        isOpen,
      };
    });
  return dashed ? [...keys, { text: "--help", description: "Explain the command" }] : keys;
}

async function valuesOf(
  definition: ArgDef | undefined,
  start: string,
  { definitions, service }: Call,
  { table, lookUp }: Knowledge,
): Promise<Candidate[]> {
  if (!definition) return [];
  const serviceKind = definitions.get("service")?.valueHint;
  const found = await Promise.all(
    acceptedBy(definition, start).map(async (accepted) => {
      if (!/^[A-Z]+$/.test(accepted)) return [{ text: accepted }];
      if (accepted === "VERB") return firstWords("", table);
      return lookUp({ kind: accepted, start, service, serviceKind });
    }),
  );
  return startingWith(start, found.flat());
}

/** Words to type, and kinds of words to look up. */
function acceptedBy(definition: ArgDef, start: string): readonly string[] {
  if (definition.type === "boolean")
    return /^[A-Z]/.test(start) ? ["True", "False"] : ["true", "false"];
  if (definition.type === "enum") return definition.options ?? [];
  return definition.valueHint?.split("|") ?? [];
}

function startingWith(start: string, candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(({ text }) => text.startsWith(start));
}
