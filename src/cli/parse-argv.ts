import type { ArgsDef, CommandDef } from "citty";
import { parseBoolean } from "./args/assign.ts";
import { parseOptions, type CallOptions } from "./args/parse.ts";
import { tokenize } from "./args/tokenize.ts";
import type { Registry } from "./command-entry.ts";
import { translateCompose } from "./compose-words.ts";
import { findCommand } from "./find-command.ts";

export interface ParsedCall extends CallOptions {
  readonly command: CommandDef;
}

/**
 * Parses a command line: which command it calls, and with which options. `--help` anywhere calls help.
 *
 * @throws ReynsErrors UNKNOWN_COMMAND, or every mistake in the arguments
 * @example
 * await parseArgv(["run:web,safemode"], commands) // { command, options: { service: "web", safemode: true }, ... }
 */
export async function parseArgv(argv: readonly string[], registry: Registry): Promise<ParsedCall> {
  const call = translateCompose(tokenize(argv));
  const { name, entry } = findCommand(commandName(call.command), registry);
  if (call.tokens.some((token) => token.key === "help"))
    return parseArgv(name === "help" ? ["help"] : ["help", name], registry);
  const command = await entry.load();
  // citty also allows a promise or a function here; our commands define a plain object.
  const args = (command.args ?? {}) as ArgsDef;
  const example = command.examples?.[0][0];
  const { passesUnknownKeys } = entry;
  return { command, ...parseOptions(call, { name, args, example, passesUnknownKeys }) };
}

function commandName(first = "help"): string {
  if (first === "-h" || first === "--help") return "help";
  return first === "-v" || first === "--version" ? "version" : first;
}

/** Whether a call asks for JSON; read before the call is checked, since its mistakes are reported as JSON, too. */
export function wantsJson(argv: readonly string[]): boolean {
  return tokenize(argv).tokens.some(
    ({ text, key = text, value = "true" }) =>
      ["json", "jsonout"].includes(key) && parseBoolean(value) !== false,
  );
}
