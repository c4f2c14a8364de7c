import type { ArgsDef } from "citty";
import { errorWith, hasCode, ReynsError, ReynsErrors } from "../errors.ts";
import { snakeCase } from "../lib/letter-case.ts";
import { shellQuote } from "../lib/shell-quote.ts";
import { copyVariable } from "../project/copies.ts";
import { isKnownInstance, type KnownNames } from "../project/known-names.ts";
import { assignTokens } from "./args/assign.ts";
import { repeatable } from "./args/common.ts";
import { tokenize, type Token } from "./args/tokenize.ts";
import type { Registry } from "./command-entry.ts";
import { composeMeaning, translateCompose } from "./compose-words.ts";
import { findCommand } from "./find-command.ts";

/** The names of a project, which hints are about. */
type CallNames = Pick<KnownNames, "services" | "instances" | "hosts"> &
  Partial<Pick<KnownNames, "isCompose">>;

/** A call that has failed, and what it was checked against. */
export interface FailedCall {
  readonly name: string;
  /** The command as it was typed: `up` for `run`. */
  readonly word?: string | undefined;
  readonly args: ArgsDef;
  readonly tokens: readonly Token[];
  /** Compose's options before the command, which a call in a hint needs as well. */
  readonly taken?: readonly string[];
  /** What starts things in the words of the call, or else of its project. */
  readonly start?: "run" | "up";
}

/** The errors of a call with hints that name this project's services, where they are about the service. */
export async function withCallHints(
  error: unknown,
  { argv, taken = [] }: { readonly argv: readonly string[]; readonly taken?: readonly string[] },
  registry: Registry,
  listNames: () => Promise<CallNames | undefined>,
): Promise<unknown> {
  const errors = error instanceof ReynsErrors ? error.errors : [error];
  const given = tokenize(argv);
  const { command = "", tokens } = translateCompose(given);
  const { name, entry } = findCommand(command, registry);
  const { args = {} } = await entry.load();
  const isComposeWord = composeMeaning(given.command) !== undefined;
  const word = isComposeWord ? given.command : name;
  const names = (await listNames()) ?? { services: [], instances: [], hosts: [] };
  const start = isComposeWord || names.isCompose ? "up" : "run";
  const call = { name, word, args: args as ArgsDef, tokens, taken, start } as const;
  const explain =
    call.args["service"]?.type === "positional"
      ? (each: ReynsError): ReynsError => explainError(each, call, names)
      : (each: ReynsError): ReynsError => explainAbsence(each, call, names) ?? each;
  const explained = errors.map((each) =>
    each instanceof ReynsError ? withStart(explain(each), start) : each,
  );
  return error instanceof ReynsErrors ? new ReynsErrors(explained as ReynsError[]) : explained[0];
}

/** The call that starts everything, for a project of which nothing is there. */
function withStart(error: ReynsError, start: "run" | "up"): ReynsError {
  const { hint = "" } = error;
  const isMissing = hasCode(error, "UNKNOWN_INSTANCE") && hint.includes("reyns run all");
  if (start === "run" || !isMissing) return error;
  return errorWith(error, { hint: hint.replace("reyns run all", "reyns up") });
}

/** The same error, with a better hint if there is one. */
export function explainError(error: ReynsError, call: FailedCall, names: CallNames): ReynsError {
  const { services } = names;
  const hint =
    error.code === "MISSING_ARGUMENT" && error.message === "missing argument SERVICE"
      ? missingServiceHint(call, services)
      : (detachHint(error, call) ?? severalServicesHint(error, call, services));
  if (hint !== undefined) return new ReynsError(error.code, error.message, { hint });
  return explainAbsence(error, call, names) ?? error;
}

/** Commands that end or hold what runs: where nothing does, there is nothing to start first. */
const endingCommands = new Set(["stop", "kill", "pause", "unpause", "clean"]);

/** For what is defined, and has no container: of a profile that was not started, or after `clean`. */
function explainAbsence(
  { code, message, hint = "" }: ReynsError,
  { name, taken = [], start = "run" }: FailedCall,
  names: CallNames,
): ReynsError | undefined {
  const absent = absentFrom(message, names);
  if (code !== "UNKNOWN_INSTANCE" || absent === undefined) return undefined;
  const explained = `${message}: it is defined, but has no container here`;
  if (endingCommands.has(name))
    return new ReynsError(code, explained, { hint: `there is nothing to ${name}` });
  if (hint.startsWith("this project has no instances"))
    return new ReynsError(code, explained, { hint });
  const copy = process.env[copyVariable];
  const words = [...taken, start, ...absent, ...(copy ? [`copy=${copy}`] : [])];
  return new ReynsError(code, explained, {
    hint: `start it: reyns ${words.map(shellQuote).join(" ")}`,
  });
}

/** The words that name what is defined; undefined where it is not. */
function absentFrom(message: string, names: CallNames): string[] | undefined {
  const service = /^no instance of "([^"]+)"$/.exec(message)?.[1];
  if (service !== undefined) return names.services.includes(service) ? [service] : undefined;
  const [, instance, of] = /^no instance "([^"]+)" of (\S+)$/.exec(message) ?? [];
  if (instance === undefined || of === undefined) return undefined;
  return isKnownInstance(names, of, instance) ? [of, instance] : undefined;
}

function missingServiceHint(
  { name, word = name, args }: FailedCall,
  [first]: readonly string[],
): string {
  const { service, ...others } = args;
  const needed = Object.entries(others)
    .filter(([, { type, required = true }]) => type === "positional" && required)
    .map(([key]) => ` ${key.toUpperCase()}`);
  const call = `reyns ${word} ${first ?? "SERVICE"}${needed.join("")}`;
  const takesAll = service?.valueHint?.split("|").includes("all") ?? false;
  return `for example: ${call}${takesAll ? ` or reyns ${word} all` : ""}`;
}

/** `up -d` has a meaning, and so has `run all detach`: the one that it has anyway. */
function detachHint({ message }: ReynsError, { name }: FailedCall): string | undefined {
  const isRun = name === "run" || name === "rerun";
  if (!isRun || !message.includes('"detach"')) return undefined;
  return `leave it out: ${name} always returns when everything is ready, and leaves it running`;
}

/** `stop web api` is a call of Compose: here the second word is an instance. */
function severalServicesHint(
  { code, message }: ReynsError,
  { name, word = name, args, tokens }: FailedCall,
  services: readonly string[],
): string | undefined {
  if (!["UNKNOWN_INSTANCE", "UNEXPECTED_ARGUMENT"].includes(code)) return undefined;
  const { values, positionals } = assignTokens(tokens, args);
  const named = positionals.filter((text) => services.includes(text));
  if (named.length < positionals.length) return undefined;
  if (!named.slice(1).some((service) => message.includes(`"${service}"`))) return undefined;
  const keys = [...values]
    .filter(([key]) => !repeatable.has(key))
    .map(([key, value]) => {
      const text = value === "true" ? snakeCase(key) : `${snakeCase(key)}=${value}`;
      return ` ${shellQuote(text)}`;
    });
  const calls = named.map((service) => `reyns ${word} ${service}${keys.join("")}`);
  return `a call takes one service, a pattern or all: ${calls.join("; ")}`;
}
