import { ReynsError } from "../errors.ts";
import { shellQuote } from "../lib/shell-quote.ts";
import { didYouMean } from "../lib/suggest.ts";
import type { Registry } from "./command-entry.ts";

/** Docker Compose's commands that have another name here. */
const composeCommands: Readonly<Record<string, string>> = {
  down: "clean all",
  exec: "shell SERVICE INSTANCE -- COMMAND",
  rm: "clean SERVICE INSTANCE",
  up: "run all",
};

/** Those that have no equal here -> what to do instead. */
const otherCommands: Readonly<Record<string, string>> = {
  attach: "follow the output: reyns logs SERVICE follow; open a shell: reyns shell SERVICE",
  commit:
    "not available; define images with a Dockerfile, or use docker commit with the id that reyns ps shows",
  export: "not available; use docker export with the id that reyns ps shows",
  publish: "for the images: reyns push all; the file itself cannot be published",
  scale:
    "not available; write scale: 3 at the service in compose.yaml, or call service() in a loop in reyns.ts, then reyns run all; for one more instance: reyns run SERVICE new=true",
  watch:
    "not available; mount the files with volumes, or run reyns build SERVICE and reyns run SERVICE",
};

interface FoundCommand {
  /** Its own name, also when it was found by an alias. */
  readonly name: string;
  readonly entry: Registry[string];
}

/**
 * Finds a command by its name or one of its aliases.
 *
 * @param argv the whole call, for the hint
 * @throws ReynsError UNKNOWN_COMMAND
 */
export function findCommand(
  nameOrAlias: string,
  registry: Registry,
  argv: readonly string[] = [nameOrAlias],
): FoundCommand {
  for (const [name, entry] of Object.entries(registry))
    if (name === nameOrAlias || entry.aliases?.includes(nameOrAlias)) return { name, entry };
  throw unknownCommand(nameOrAlias, registry, argv);
}

/** Suggests what replaces Compose's command of this name, or else the nearest name. */
export function unknownCommand(
  name: string,
  registry: Registry,
  argv: readonly string[] = [name],
): ReynsError {
  const hint = prefixHint(argv) ?? composeHint(name) ?? nearestHint(name, registry);
  return new ReynsError("UNKNOWN_COMMAND", `unknown command "${name}"`, { hint });
}

/** `docker compose up` and `compose up`. */
function prefixHint([first = "", ...others]: readonly string[]): string | undefined {
  const prefix = first === "docker" && others[0] === "compose" ? "docker compose" : first;
  if (!["docker compose", "docker-compose", "compose"].includes(prefix)) return undefined;
  const rest = prefix === "docker compose" ? others.slice(1) : others;
  return `leave out "${prefix}": reyns ${rest.map(shellQuote).join(" ")}`.trimEnd();
}

function composeHint(name: string): string | undefined {
  if (Object.hasOwn(otherCommands, name)) return otherCommands[name];
  if (!Object.hasOwn(composeCommands, name)) return undefined;
  return `what Compose calls ${name} is here: reyns ${composeCommands[name]}`;
}

function nearestHint(name: string, registry: Registry): string {
  const names = Object.keys(registry).filter((key) => !registry[key]?.hidden);
  const help = "reyns help lists all commands";
  const suggestion = didYouMean(name, [...names, ...Object.keys(composeCommands)]);
  return suggestion === undefined ? help : `${suggestion} ${help}`;
}
