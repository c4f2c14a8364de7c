import type { ArgsDef } from "citty";
import { camelCase, snakeCase } from "../../lib/letter-case.ts";
import { ReynsError } from "../../errors.ts";
import { joinValues, repeatable } from "./common.ts";
import type { Token } from "./tokenize.ts";

/** The tokens of a call, assigned to the definitions of a command. Values are not checked yet. */
export interface AssignedTokens {
  readonly values: ReadonlyMap<string, string>;
  /** Arguments without a key, in order. */
  readonly positionals: readonly string[];
  /** Keys without a definition, as they were written. */
  readonly unknown: ReadonlyMap<string, string>;
  readonly errors: readonly ReynsError[];
}

/** Finds the definition of each token, in any spelling. A key without `=` takes the next argument as its value. */
export function assignTokens(tokens: readonly Token[], args: ArgsDef): AssignedTokens {
  const names = argumentNames(args);
  const [values, unknown] = [new Map<string, string>(), new Map<string, string>()];
  const [positionals, errors]: [string[], ReynsError[]] = [[], []];
  const queue = [...tokens];
  for (let token = queue.shift(); token !== undefined; token = queue.shift()) {
    const key = "key" in token ? token.key : token.text;
    const name = names.get(camelCase(key));
    const isBoolean = name !== undefined && args[name]?.type === "boolean";
    if ("text" in token && !isBoolean) {
      positionals.push(token.text);
      continue;
    }
    const given = "text" in token ? undefined : (token.value ?? takeValue(queue, isBoolean));
    const value = given ?? (isBoolean || name === undefined ? "true" : undefined);
    if (value === undefined) errors.push(invalid(`--${snakeCase(key)} needs a value`));
    else errors.push(...assign(name === undefined ? unknown : values, name ?? key, value));
  }
  return { values, positionals, unknown, errors };
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

/** A boolean takes the next argument only if that is yes or no, so that it never swallows the service. */
function takeValue(queue: Token[], isBoolean: boolean): string | undefined {
  const [next] = queue;
  if (!next || !("text" in next)) return undefined;
  if (isBoolean && parseBoolean(next.text) === undefined) return undefined;
  queue.shift();
  return next.text;
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
