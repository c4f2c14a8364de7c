import { ReynsError } from "../errors.ts";
import { acceptedHint } from "../lib/suggest.ts";
import type { Registry } from "./command-entry.ts";

/** Docker Compose's commands that have another name here. */
const composeCommands: Readonly<Record<string, string>> = {
  attach: "shell SERVICE INSTANCE",
  config: "check, and reyns graph",
  down: "clean all",
  exec: "shell SERVICE INSTANCE -- COMMAND",
  kill: "stop SERVICE INSTANCE",
  ls: "ps",
  port: "ps",
  pull: "run, which pulls missing images",
  rm: "clean SERVICE INSTANCE",
  top: "status",
  up: "run all",
};

interface FoundCommand {
  /** Its own name, also when it was found by an alias. */
  readonly name: string;
  readonly entry: Registry[string];
}

/**
 * Finds a command by its name or one of its aliases.
 *
 * @throws ReynsError UNKNOWN_COMMAND
 */
export function findCommand(nameOrAlias: string, registry: Registry): FoundCommand {
  for (const [name, entry] of Object.entries(registry))
    if (name === nameOrAlias || entry.aliases?.includes(nameOrAlias)) return { name, entry };
  throw unknownCommand(nameOrAlias, registry);
}

/** Suggests the command that replaces Compose's one of this name, or else the nearest name. */
export function unknownCommand(name: string, registry: Registry): ReynsError {
  const replacement = Object.hasOwn(composeCommands, name) ? composeCommands[name] : undefined;
  const names = Object.keys(registry).filter((key) => !registry[key]?.hidden);
  const hint =
    replacement === undefined
      ? acceptedHint(name, names)
      : `what Compose calls ${name} is here: reyns ${replacement}`;
  return new ReynsError("UNKNOWN_COMMAND", `unknown command "${name}"`, { hint });
}
