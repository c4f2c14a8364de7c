import type { ArgsDef, CommandDef } from "citty";
import { parseBoolean } from "./args/assign.ts";
import { parseOptions, type CallOptions } from "./args/parse.ts";
import {
  joinServices,
  nameServices,
  resolveServiceWord,
  splitHostNames,
} from "./args/service-word.ts";
import { tokenize, type Token, type TokenizedCall } from "./args/tokenize.ts";
import type { Registry } from "./command-entry.ts";
import {
  composeFlags,
  composeMeaning,
  followCall,
  nameAll,
  translateCompose,
} from "./compose-words.ts";
import type { KnownNames } from "../project/known-names.ts";
import { findCommand } from "./find-command.ts";

export interface ParsedCall extends CallOptions {
  readonly command: CommandDef;
  /** Compose's options that choose the project, before the command and after it. */
  readonly chosen?: readonly string[];
  /** The call that shows the output of what this one leaves running, where Compose would show it. */
  readonly followedBy?: string | undefined;
}

/**
 * Parses a command line: which command it calls, and with which options. `--help` anywhere calls help.
 *
 * @param onResolved receives the arguments once it is known which of them are services, before they are checked
 * @param before Compose's options before the command, which are taken by now
 * @throws ReynsErrors UNKNOWN_COMMAND, or every mistake in the arguments
 * @example
 * await parseArgv(["run:web,safemode"], commands) // { command, options: { service: "web", safemode: true }, ... }
 */
export async function parseArgv(
  argv: readonly string[],
  registry: Registry,
  onResolved: (tokens: readonly Token[]) => void = () => {},
  before: readonly string[] = [],
): Promise<ParsedCall> {
  const { command: word, ...split } = tokenize(argv);
  const typed = isComposeRun({ command: word, ...split })
    ? (await import("./compose-run.ts")).translateComposeRun({ command: word, ...split })
    : translateCompose({ command: word, ...split });
  if (hasOwnOption(word, split.tokens, "no-color")) process.env["NO_COLOR"] = "1";
  const { name, entry } = findCommand(commandName(typed.command), registry, argv);
  const asked = composeMeaning(word) === undefined ? name : word;
  if (typed.tokens.some((token) => token.key === "help"))
    return parseArgv(name === "help" ? ["help"] : ["help", asked ?? name], registry);
  const command = await entry.load();
  // citty also allows a promise or a function here; our commands define a plain object.
  const args = (command.args ?? {}) as ArgsDef;
  const { passesUnknownKeys } = entry;
  const selected =
    !passesUnknownKeys && typed.tokens.some(isGlobalOption)
      ? await (
          await import("./compose-globals.ts")
        ).takeLateOptions(typed, args, before, process.env)
      : typed;
  const named = await nameServices(selected, args, listNames);
  const hosted = await splitHostNames(named, args, listNames);
  const { note: serviceNote, ...resolved } = await resolveServiceWord(hosted, args, listServices);
  const { note = serviceNote, ...joined } = await joinServices(resolved, args, listNames);
  const call = nameAll(word, joined, args);
  onResolved(call.tokens);
  if (note !== undefined) (await import("../ui/output/log.ts")).log.info(note);
  const example = command.examples?.[0][0];
  const flags = composeFlags(word ?? "");
  const checked = { name, word: asked, args, example, passesUnknownKeys, composeFlags: flags };
  const parsed = await parseOptions(call, checked);
  const late = typed.tokens.filter((token) => !selected.tokens.includes(token));
  const chosen = [...before, ...late.map(({ text }) => text)];
  const followedBy = followCall({ command: word, ...split }, parsed.options, chosen);
  return { command, ...parsed, chosen, followedBy };
}

const composeRunOption =
  /^(-[Tit]+|-[vplPuw]|--(volume|publish|label|cap-add|cap-drop|entrypoint|service-ports|no-deps|quiet-pull|quiet-build|remove-orphans|no-TTY|interactive|tty))(=|$)/;

/** Whether `run` is Compose's: with `--rm`, or with another option before the service that an instance cannot have. */
function isComposeRun({ command, tokens }: TokenizedCall): boolean {
  if (command !== "run") return false;
  if (tokens.some(({ text }) => text === "--rm")) return true;
  const [first] = tokens;
  return (
    (first?.text.startsWith("-") ?? false) && tokens.some(({ text }) => composeRunOption.test(text))
  );
}

function hasOwnOption(command = "", tokens: readonly Token[], key: string): boolean {
  return composeFlags(command).includes(key) && tokens.some(({ text }) => text === `--${key}`);
}

/** Whether Compose has this option before its command: then the command may not know it. */
function isGlobalOption({ text }: Token): boolean {
  return /^--(file|profile|env-file|project-(name|directory))(=|$)/.test(text);
}

async function listServices(): Promise<readonly string[]> {
  return (await listNames())?.services ?? [];
}

/**
 * Found as completion finds them: no definition runs before its command is known to be right.
 *
 * @returns undefined outside of a project
 */
export async function listNames(): Promise<KnownNames | undefined> {
  const [{ findProject }, { readKnownNames }] = await Promise.all([
    import("../project/locate.ts"),
    import("../project/known-names.ts"),
  ]);
  const place = await findProject(process.cwd(), process.env).catch(() => undefined);
  return place && readKnownNames(place);
}

function commandName(first = "help"): string {
  if (first === "-h" || first === "--help") return "help";
  return first === "-v" || first === "--version" ? "version" : first;
}

/** Whether a call asks for JSON; read before the call is checked, since its mistakes are reported as JSON, too. */
export function wantsJson(argv: readonly string[]): boolean {
  return hasJsonKey(tokenize(argv).tokens);
}

/** The same for the arguments of a call; a word that is the service of that name is no key. */
export function hasJsonKey(tokens: readonly Token[]): boolean {
  return tokens.some(
    ({ text, key = text, value = "true" }) =>
      ["json", "jsonout"].includes(key) && parseBoolean(value) !== false,
  );
}
