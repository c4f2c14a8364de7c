import type { ArgsDef } from "citty";
import { ReynsError } from "../../errors.ts";
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
  const isBoolean = (name: string | undefined): boolean =>
    name !== undefined && args[name]?.type === "boolean";
  const assign = (to: Map<string, string>, name: string, value: string): void => {
    if ((to.get(name) ?? value) !== value)
      errors.push(new ReynsError("INVALID_VALUE", `${snakeCase(name)} has two different values`));
    to.set(name, value);
  };
  const queue = [...tokens];
  for (let token = queue.shift(); token !== undefined; token = queue.shift()) {
    const spelling = "key" in token ? token.key : token.text;
    const name = names.get(camelCase(spelling));
    if ("text" in token) {
      if (name !== undefined && isBoolean(name)) assign(values, name, "true");
      else positionals.push(token.text);
      continue;
    }
    const value = token.value ?? takeValue(queue, isBoolean(name));
    if (name === undefined) assign(unknown, spelling, value ?? "true");
    else if (value !== undefined) assign(values, name, value);
    else if (isBoolean(name)) assign(values, name, "true");
    else errors.push(new ReynsError("INVALID_VALUE", `--${snakeCase(name)} needs a value`));
  }
  return { values, positionals, unknown, errors };
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

export function camelCase(key: string): string {
  return key.replace(/[-_]+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The spelling that help shows, which the older tools and `.conf` files use. */
export function snakeCase(key: string): string {
  return key.replaceAll("-", "_").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
