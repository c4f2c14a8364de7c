import type { ArgDef, ArgsDef } from "citty";
import { ReynsError } from "../../errors.ts";
import { acceptedHint, didYouMean, nearest } from "../../lib/suggest.ts";
import { snakeCase } from "../../lib/letter-case.ts";
import { isSwitch, switchValue } from "./assign.ts";
import { argvHint } from "./common.ts";
import { suggestForDockerOption } from "./docker-options.ts";

/** What a call is checked against. */
export interface CheckedCommand {
  readonly name: string;
  /** What stands for it in the call, if that is Compose's word: `up` for `run`. */
  readonly word?: string | undefined;
  readonly args: ArgsDef;
  /** A call that is complete, for hints. */
  readonly example?: string | undefined;
  /** Keys without a definition are parameters of something else: `do migrate to=12`. */
  readonly passesUnknownKeys?: boolean | undefined;
  /** Compose's spellings that the call accepts as well, as `--no-deps` and `pull=always`. */
  readonly composeFlags?: readonly string[] | undefined;
}

export function unknownKeys(keys: Iterable<string>, command: CheckedCommand): ReynsError[] {
  if (command.passesUnknownKeys) return [];
  return [...keys].map((key) => {
    const hint = suggestForDockerOption(key, command.name) ?? hintForUnknown(key, command);
    return new ReynsError("UNKNOWN_KEY", `unknown key "${key}"`, { hint });
  });
}

/** More keys than these are not listed: several mistakes would fill the screen. */
const longestList = 8;

function hintForUnknown(
  key: string,
  { name, word = name, args, composeFlags = [] }: CheckedCommand,
): string {
  const accepted = Object.keys(args).map(snakeCase);
  const flags = composeFlags.map((flag) => flag.replace(/=.*/, ""));
  const spelled = new Map([...flags, ...accepted].map((each) => [snakeCase(each), each]));
  const meant = spelled.get(nearest(snakeCase(key), spelled.keys()) ?? "");
  const all =
    accepted.length <= longestList
      ? `accepted: ${accepted.join(", ") || "none"}`
      : `see reyns help ${word}`;
  return meant === undefined ? all : `did you mean "${meant}"? ${all}`;
}

/** Whether the command opens a session: `ssh` and `shell`. */
function isSession(args: ArgsDef): boolean {
  return takesCommand(args) && !takesArgv(args);
}

/** Where a command belongs, in calls of `ssh` and `shell`. */
function commandUsage(name: string): string {
  return `write a command after "--": reyns ${name} SERVICE -- COMMAND`;
}

export function unexpectedArguments(
  texts: readonly string[],
  { name, word = name, args, passesUnknownKeys }: CheckedCommand,
): ReynsError[] {
  const isPositional = (key: string): boolean => args[key]?.type === "positional";
  const names = Object.keys(args);
  const positionals = names.filter(isPositional).map((key) => key.toUpperCase());
  const keys = names.filter((key) => !isPositional(key)).map(snakeCase);
  const takes = [positionals.join(" and "), "key=value"]
    .filter((part) => part !== "")
    .join(", then ");
  return texts.map((text) => {
    const suggestion = passesUnknownKeys ? `did you mean ${text}=true?` : didYouMean(text, keys);
    const usage = isSession(args)
      ? commandUsage(word)
      : `reyns ${word} takes ${takes}; see reyns help ${word}`;
    const hint = suggestion === undefined ? usage : `${suggestion} ${usage}`;
    return new ReynsError("UNEXPECTED_ARGUMENT", `unexpected argument "${text}"`, { hint });
  });
}

/**
 * Refuses what a call has beside an argument that leaves it without effect: the caller expects one.
 *
 * @param useful the arguments that have one
 * @param reason what the call does instead
 * @throws ReynsError UNEXPECTED_ARGUMENT that names all of them
 */
export function rejectUnused(
  given: Readonly<Record<string, unknown>>,
  useful: readonly string[],
  reason: string,
  hint: string,
): void {
  const unused = Object.keys(given).filter(
    (name) => given[name] !== undefined && ![...useful, "_", "quiet"].includes(name),
  );
  if (unused.length === 0) return;
  const message = `${reason}; it does not take ${unused.map(snakeCase).join(", ")}`;
  throw new ReynsError("UNEXPECTED_ARGUMENT", message, { hint });
}

/** Whether a command runs another one inside an instance, which may stand after `--`. */
export function takesCommand(args: ArgsDef): boolean {
  return args["command"]?.type === "string";
}

/** Whether the command after `--` reaches the container as it is, without a shell. */
export function takesArgv(args: ArgsDef): boolean {
  const { command } = args;
  return command?.type === "string" && command.valueHint === argvHint;
}

export function unexpectedCommand(rest: readonly string[], args: ArgsDef): ReynsError[] {
  if (rest.length === 0 || takesCommand(args)) return [];
  const hint =
    "only commands that run something in an instance take -- COMMAND: run, ssh and shell";
  return [
    new ReynsError("UNEXPECTED_ARGUMENT", `unexpected command after "--": ${rest.join(" ")}`, {
      hint,
    }),
  ];
}

/** As citty does it, a positional is required unless its definition says otherwise. */
export function missingArguments(
  values: ReadonlyMap<string, string>,
  { name: command, word = command, args, example }: CheckedCommand,
): ReynsError[] {
  const call = example?.replace(`reyns ${command} `, `reyns ${word} `);
  const hint = call === undefined ? undefined : `for example: ${call}`;
  return Object.entries(args).flatMap(
    ([name, { type, required = type === "positional", default: standard }]) => {
      if (!required || standard !== undefined || values.get(name)) return [];
      return [
        new ReynsError("MISSING_ARGUMENT", `missing argument ${name.toUpperCase()}`, { hint }),
      ];
    },
  );
}

export function invalidValues(
  values: ReadonlyMap<string, string>,
  { args }: CheckedCommand,
): ReynsError[] {
  return [...values].flatMap(([name, value]) => {
    if (value === "" && isNeverEmpty(name, args[name]))
      return [emptyError(name, args[name]?.type === "positional")];
    const hint = rejectValue(value, args[name]);
    if (hint === undefined) return [];
    return [new ReynsError("INVALID_VALUE", `${snakeCase(name)} is "${value}"`, { hint })];
  });
}

/** As Docker has it, an empty one takes the image's own away. */
const mayBeEmpty: ReadonlySet<string> = new Set(["entrypoint"]);

/**
 * Without the argument, a call does more, or something else: a script whose variable is empty must not leave it out. A
 * required positional is missing then, and a default says that an empty value has a meaning.
 */
function isNeverEmpty(name: string, definition: ArgDef | undefined): boolean {
  if (mayBeEmpty.has(name)) return false;
  if (definition?.type === "positional") return definition.required === false;
  return definition?.type === "string" && definition.default === undefined;
}

function emptyError(name: string, isPositional: boolean): ReynsError {
  const [key, message] = isPositional
    ? [name.toUpperCase(), `${name.toUpperCase()} is empty`]
    : [`${snakeCase(name)}=`, `${snakeCase(name)}= has no value`];
  const hint = `give it a value, or leave out ${key}`;
  return new ReynsError("INVALID_VALUE", message, { hint });
}

/** The accepted values, if this is none of them. */
function rejectValue(value: string, definition: ArgDef | undefined): string | undefined {
  if (isSwitch(definition) && switchValue(value, definition) !== undefined) return undefined;
  if (definition?.type === "boolean") return "accepted: True or False, yes or no, 1 or 0";
  if (definition?.type !== "enum" || definition.options?.includes(value)) return undefined;
  return acceptedHint(value, definition.options ?? []);
}
