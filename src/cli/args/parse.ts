import type { ArgDef, ArgsDef } from "citty";
import { throwAll } from "../../errors.ts";
import { shellQuote } from "../../lib/shell-quote.ts";
import { joinArgv, joinValues, repeatable } from "./common.ts";
import { assignTokens, isSwitch, switchValue } from "./assign.ts";
import type { Token, TokenizedCall } from "./tokenize.ts";
import * as check from "./validate.ts";

/** The options of a call, by the names of their definitions; undefined where neither given nor defaulted. */
export type Options = Readonly<Record<string, string | boolean | undefined>>;

export interface CallOptions {
  readonly options: Options;
  /** Keys that the command does not define, as they were written. */
  readonly passthrough: Readonly<Record<string, string>>;
}

/**
 * Checks a call against the definitions of its command, and lets citty parse it. citty itself accepts unknown flags,
 * keeps the last of several values, and takes any text for true, so it only gets calls without such mistakes.
 *
 * @throws ReynsErrors UNKNOWN_KEY, UNEXPECTED_ARGUMENT, MISSING_ARGUMENT, INVALID_VALUE: all mistakes at once
 * @example
 * (await parseOptions(tokenize(["run", "web", "linked=no"]), { name: "run", args: runArgs })).options
 * // { service: "web", linked: false, ... }
 */
export async function parseOptions(
  call: TokenizedCall,
  command: check.CheckedCommand,
): Promise<CallOptions> {
  const { args } = command;
  const tokens = [...call.tokens, ...commandTokens(call.rest, args)];
  const { positionals, unknown, errors, ...assigned } = assignTokens(tokens, args);
  const open = positionalNames(args).filter((name) => !assigned.values.has(name));
  const values = new Map([...assigned.values, ...placePositionals(positionals, open)]);
  const surplus = repeatable.has(open.at(-1) ?? "") ? [] : positionals.slice(open.length);
  // Without the unknown key, the argument may be there.
  const isConsequence = assigned.isWordTaken && !command.passesUnknownKeys;
  throwAll([
    ...check.unknownKeys(unknown.keys(), command),
    ...errors,
    ...check.unexpectedArguments(surplus, command),
    ...check.unexpectedCommand(call.rest, args),
    ...(isConsequence ? [] : check.missingArguments(values, command)),
    ...check.invalidValues(values, command),
  ]);
  const parsed = values.size === 0 ? {} : await parseFlags(values, args);
  const options = Object.entries(args).map(([name, { default: fallback }]) => {
    const value = parsed[name] ?? fallback;
    return [name, value === "" ? fallback : value];
  });
  return { options: Object.fromEntries(options), passthrough: Object.fromEntries(unknown) };
}

/** citty derives other spellings of each definition, and again of each that is read: it gets only what the call uses. */
async function parseFlags(values: ReadonlyMap<string, string>, args: ArgsDef): Promise<Options> {
  const { parseArgs } = await import("citty");
  const used = Object.fromEntries(Object.entries(args).filter(([name]) => values.has(name)));
  return { ...parseArgs(toFlags(values, used), used) };
}

/** One that can be repeated takes all that are left. */
function placePositionals(texts: readonly string[], names: readonly string[]): [string, string][] {
  return texts.slice(0, names.length).map((text, index) => {
    const name = names[index] ?? "";
    const rest = repeatable.has(name) ? texts.slice(index + 1) : [];
    return [name, rest.reduce(joinValues, text)];
  });
}

function positionalNames(args: ArgsDef): string[] {
  return Object.keys(args).filter((name) => args[name]?.type === "positional");
}

/** After `--`, a single argument is a line for the shell, as with ssh; several are the words of one command. `run` takes them as they are. */
function commandTokens(rest: readonly string[], args: ArgsDef): Token[] {
  const [first, ...others] = rest;
  if (first === undefined || !check.takesCommand(args)) return [];
  const line = others.length === 0 ? first : rest.map(shellQuote).join(" ");
  const value = check.takesArgv(args) ? joinArgv(rest) : line;
  return [{ text: value, key: "command", value }];
}

function switchOr(value: string, definition: ArgDef | undefined): string {
  return isSwitch(definition) ? (switchValue(value, definition) ?? value) : value;
}

/** The call as citty reads it: flags, then all positionals after `--`, since they may begin with a hyphen. */
function toFlags(values: ReadonlyMap<string, string>, args: ArgsDef): string[] {
  const names = Object.keys(args);
  const flags = names
    .filter((name) => args[name]?.type !== "positional" && values.has(name))
    .map((name) => {
      const value = values.get(name) ?? "";
      return `--${name}=${switchOr(value, args[name])}`;
    });
  return [...flags, "--", ...positionalNames(args).map((name) => values.get(name) ?? "")];
}
