import type { ArgDef, ArgsDef } from "citty";
import { camelCase, snakeCase } from "../../lib/letter-case.ts";
import { ReynsError } from "../../errors.ts";
import { joinValues, repeatable } from "./common.ts";
import { takesDockerValue } from "./docker-options.ts";
import type { Token } from "./tokenize.ts";

/** The tokens of a call, assigned to the definitions of a command. Values are not checked yet. */
export interface AssignedTokens {
  readonly values: ReadonlyMap<string, string>;
  /** Arguments without a key, in order. */
  readonly positionals: readonly string[];
  /** Keys without a definition, as they were written. */
  readonly unknown: ReadonlyMap<string, string>;
  /** Whether one of those keys has taken the next argument, which may have been meant as a positional. */
  readonly isWordTaken: boolean;
  readonly errors: readonly ReynsError[];
}

/** Finds the definition of each token, in any spelling. A key without `=` takes the next argument as its value. */
export function assignTokens(tokens: readonly Token[], args: ArgsDef): AssignedTokens {
  const names = argumentNames(args);
  const [values, unknown] = [new Map<string, string>(), new Map<string, string>()];
  const [positionals, errors]: [string[], ReynsError[]] = [[], []];
  const queue = [...tokens];
  let isWordTaken = false;
  for (let token = queue.shift(); token !== undefined; token = queue.shift()) {
    const { text, key = text } = token;
    const name = names.get(camelCase(key));
    const definition = args[name ?? ""];
    if (token.key === undefined && !isSwitch(definition)) {
      positionals.push(text);
      continue;
    }
    const given =
      token.key === undefined ? "true" : (token.value ?? takeValue(queue, definition, key));
    isWordTaken ||= name === undefined && token.value === undefined && given !== undefined;
    const isBare = definition === undefined || isSwitch(definition);
    const value = given ?? (isBare ? "true" : undefined);
    if (value === undefined) errors.push(invalid(`--${snakeCase(key)} needs a value`));
    else errors.push(...assign(name === undefined ? unknown : values, name ?? key, value));
  }
  return { values, positionals, unknown, isWordTaken, errors };
}

function assign(values: Map<string, string>, name: string, value: string): ReynsError[] {
  if (repeatable.has(name)) {
    values.set(name, joinValues(values.get(name), value));
    return [];
  }
  const hasOther = (values.get(name) ?? value) !== value;
  values.set(name, value);
  return hasOther ? [invalid(`${snakeCase(name)} has two different values`)] : [];
}

function invalid(message: string): ReynsError {
  return new ReynsError("INVALID_VALUE", message);
}

/**
 * Takes the next argument as the value of a key. A boolean takes only yes or no, so that it never swallows the service;
 * an unknown key takes no other key, unless Docker's option of that name has a value; the rest take anything that does not begin with a hyphen: `-e NAME=VALUE`.
 */
function takeValue(
  queue: Token[],
  definition: ArgDef | undefined,
  key: string,
): string | undefined {
  const [next] = queue;
  if (!next) return undefined;
  if (isSwitch(definition) && switchValue(next.text, definition) === undefined) return undefined;
  const isOption = definition === undefined && !takesDockerValue(key);
  if (next.key !== undefined && (isOption || next.text.startsWith("-"))) return undefined;
  queue.shift();
  return next.text;
}

/** Whether a key without a value means yes: that of a boolean, or of a list of values with `true` among them. */
export function isSwitch(definition: ArgDef | undefined): boolean {
  return definition?.type === "boolean" || optionsOf(definition).includes("true");
}

function optionsOf(definition: ArgDef | undefined): readonly string[] {
  return definition?.type === "enum" ? (definition.options ?? []) : [];
}

/** The value of a switch: `true` or `false` in any spelling, or another one of its own; undefined for anything else. */
export function switchValue(text: string, definition: ArgDef | undefined): string | undefined {
  return parseBoolean(text)?.toString() ?? optionsOf(definition).find((option) => option === text);
}

/** True/False, yes/no, y/n, 1/0, in any case; undefined for anything else. */
export function parseBoolean(text: string): boolean | undefined {
  if (/^(true|yes|y|1)$/i.test(text)) return true;
  return /^(false|no|n|0)$/i.test(text) ? false : undefined;
}

/** Every spelling of every argument in camelCase, aliases included -> its name. */
export function argumentNames(args: ArgsDef): ReadonlyMap<string, string> {
  const spellings = Object.entries(args).flatMap(([name, definition]) => {
    const aliases = "alias" in definition ? [definition.alias ?? []].flat() : [];
    return [name, ...aliases].map((spelling) => [camelCase(spelling), name] as const);
  });
  return new Map(spellings);
}
