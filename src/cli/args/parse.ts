import type { ArgDef, ArgsDef, EnumArgDef } from "citty";
import { ReynsError, throwAll } from "../../errors.ts";
import { shellQuote } from "../../lib/shell-quote.ts";
import { acceptedHint, didYouMean } from "../../lib/suggest.ts";
import { insteadOfKey } from "./docker-options.ts";
import type { Key, Word, Words } from "./tokenize.ts";

type Definitions = ReadonlyMap<string, ArgDef>;

/** Words as they are being sorted into keys and free words, with what is wrong with them. */
interface Sorted {
  readonly values: Map<string, string>;
  readonly free: string[];
  readonly errors: ReynsError[];
}

/** What a command was told, by the names of its arguments; undefined where nothing was, and no default stands. */
export type Args = Readonly<Record<string, string | boolean | undefined>>;

/**
 * Checks words against what a command accepts, and sorts them into its arguments.
 *
 * @param command its name, for hints
 * @throws ReynsErrors UNKNOWN_KEY, INVALID_VALUE, EXTRA_WORD: all that is wrong at once
 * @example
 * parseArgs(splitWords(["run", "web", "linked=no"]), runArgs, "run") // { service: "web", linked: false, ... }
 */
export function parseArgs({ words, rest }: Words, accepted: ArgsDef, command: string): Args {
  const definitions: Definitions = new Map(Object.entries(accepted));
  const sorted = sortWords(words, definitions);
  // For most calls it has nothing to do, and whatever is called for the first time takes its time.
  if (sorted.free.length > 0) placeFreeWords(sorted, { definitions, command });
  placeRest(rest, definitions, sorted);
  const { values, errors } = sorted;
  const args: Record<string, Args[string]> = {};
  for (const [name, definition] of Object.entries(accepted)) {
    const text = values.get(name);
    args[name] = text === undefined ? definition.default : valueOf(text, name, definition, errors);
  }
  throwAll(errors);
  return args;
}

/** Free words and keys apart; what is wrong with them is collected. */
export function sortWords(words: readonly Word[], definitions: Definitions): Sorted {
  const sorted: Sorted = { values: new Map(), free: [], errors: [] };
  if (words.length === 0) return sorted;
  const sorting = { names: keyNames(definitions), definitions, sorted };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === undefined) break;
    if ("text" in word) sortText(word.text, sorting);
    else if (sortKey(word, words[index + 1], sorting)) index += 1;
  }
  return sorted;
}

interface Sorting {
  /** Every spelling of every key -> the key. */
  readonly names: ReadonlyMap<string, string>;
  readonly definitions: Definitions;
  readonly sorted: Sorted;
}

/** Every spelling of every key, in camelCase -> the key. */
export function keyNames(
  definitions: Iterable<readonly [string, ArgDef]>,
): ReadonlyMap<string, string> {
  const spellings = [...definitions].flatMap(([name, definition]) =>
    [name, ...aliasesOf(definition)].map((key) => [camelCase(key), name] as const),
  );
  return new Map(spellings);
}

function aliasesOf(definition: ArgDef): string[] {
  return "alias" in definition ? [definition.alias ?? []].flat() : [];
}

/** A bare word is a boolean key that is true, or a free word. */
function sortText(text: string, { names, definitions, sorted }: Sorting): void {
  const name = names.get(camelCase(text));
  if (name !== undefined && definitions.get(name)?.type === "boolean") set(sorted, name, "true");
  else sorted.free.push(text);
}

/** Returns true when the next word was taken as the key's value. */
function sortKey(
  word: Key,
  next: Word | undefined,
  { names, definitions, sorted }: Sorting,
): boolean {
  const name = names.get(camelCase(word.key));
  const definition = name === undefined ? undefined : definitions.get(name);
  if (name === undefined || !definition) {
    sorted.errors.push(unknownKey(word.key, definitions));
    return false;
  }
  const isFlag = definition.type === "boolean";
  if (word.value !== undefined) {
    set(sorted, name, word.value);
    return false;
  }
  if (next && "text" in next && (!isFlag || booleanOf(next.text) !== undefined)) {
    set(sorted, name, next.text);
    return true;
  }
  if (isFlag) set(sorted, name, "true");
  else sorted.errors.push(new ReynsError("INVALID_VALUE", `--${snakeCase(name)} needs a value`));
  return false;
}

function set({ values, errors }: Sorted, name: string, value: string): void {
  const before = values.get(name);
  if (before !== undefined && before !== value) {
    const message = `${snakeCase(name)} is given twice: "${before}" and "${value}"`;
    errors.push(new ReynsError("INVALID_VALUE", message));
  }
  values.set(name, value);
}

/** A command, and what it accepts. */
interface Called {
  readonly definitions: Definitions;
  readonly command: string;
}

function placeFreeWords(sorted: Sorted, { definitions, command }: Called): void {
  const positionals = [...definitions].flatMap(([name, { type }]) =>
    type === "positional" ? name : [],
  );
  const open = positionals.filter((name) => !sorted.values.has(name));
  for (const [index, text] of sorted.free.entries()) {
    const name = open[index];
    if (name === undefined)
      sorted.errors.push(extraWord(text, positionals, { definitions, command }));
    else set(sorted, name, text);
  }
}

/**
 * What stands after `--` is a command for the other side, where there is one. A single word is a line for its shell,
 * as ssh takes it; several are the words of one command.
 */
function placeRest(rest: readonly string[], definitions: Definitions, sorted: Sorted): void {
  const [first] = rest;
  if (first === undefined) return;
  const takesCommand = definitions.get("command")?.type === "string";
  if (takesCommand)
    set(sorted, "command", rest.length === 1 ? first : rest.map(shellQuote).join(" "));
  else
    sorted.errors.push(
      new ReynsError("EXTRA_WORD", `nothing is taken after "--" here: ${rest.join(" ")}`),
    );
}

function valueOf(
  text: string,
  name: string,
  { type, ...definition }: ArgDef,
  errors: ReynsError[],
): string | boolean | undefined {
  if (type === "boolean") {
    const flag = booleanOf(text);
    if (flag === undefined)
      errors.push(invalidValue(name, text, "accepted: True or False, yes or no, 1 or 0"));
    return flag;
  }
  const { options = [] } = type === "enum" ? (definition as EnumArgDef) : {};
  if (type === "enum" && !options.includes(text))
    errors.push(invalidValue(name, text, acceptedHint(text, options)));
  return text;
}

function invalidValue(name: string, value: string, hint: string): ReynsError {
  return new ReynsError("INVALID_VALUE", `${snakeCase(name)} is "${value}"`, { hint });
}

function unknownKey(key: string, definitions: Definitions): ReynsError {
  const accepted = [...definitions.keys()].map(snakeCase);
  const hint = insteadOfKey(key) ?? acceptedHint(snakeCase(key), accepted);
  return new ReynsError("UNKNOWN_KEY", `unknown key "${key}"`, { hint });
}

function extraWord(
  text: string,
  positionals: readonly string[],
  { definitions, command }: Called,
): ReynsError {
  const words = positionals.map((name) => name.toUpperCase()).join(" and ") || "no words";
  const keys = [...definitions.keys()].filter((name) => !positionals.includes(name));
  const all = `this command takes ${words}; everything else as key=value: "reyns help ${command}" lists them`;
  const hint = [didYouMean(text, keys.map(snakeCase)), all].filter((part) => part !== undefined);
  return new ReynsError("EXTRA_WORD", `one word too many: "${text}"`, {
    hint: hint.join(" "),
  });
}

/** True/False, yes/no, y/n, 1/0, in any case; undefined for anything else. */
function booleanOf(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (["true", "yes", "y", "1"].includes(word)) return true;
  return ["false", "no", "n", "0"].includes(word) ? false : undefined;
}

export function camelCase(key: string): string {
  return key.replace(/[-_]+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** How keys are shown: as the older tools and the confs write them. */
export function snakeCase(key: string): string {
  return key.replaceAll("-", "_").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
