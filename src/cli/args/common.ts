import type { ArgsDef, BooleanArgDef, PositionalArgDef, StringArgDef } from "citty";
import { ReynsError } from "../../errors.ts";
import type { Environment } from "../../lib/environment.ts";
import { commandArgs } from "../../model/docker-syntax.ts";

/** Part of every command. */
export const quiet = {
  type: "boolean",
  alias: "q",
  description: "Print results and errors only, no progress and no notes",
} as const satisfies BooleanArgDef;

/** Part of every command that is about a project. */
export const copy = {
  type: "string",
  valueHint: "COPY",
  description: "The copy of the project to act on, instead of the project itself",
} as const satisfies StringArgDef;

/** Arguments that several commands share. */
export const json = {
  type: "boolean",
  alias: "jsonout",
  description: "Print one JSON document",
} as const satisfies BooleanArgDef;

export const yes = {
  type: "boolean",
  description: "Answer yes to all questions",
} as const satisfies BooleanArgDef;

export const conf = {
  type: "string",
  valueHint: "CONF",
  description: "The conf to use instead of the default one",
} as const satisfies StringArgDef;

export const group = {
  type: "string",
  valueHint: "GROUP",
  description: "Only the instances of this group",
} as const satisfies StringArgDef;

/** Part of every command that reads a Compose file as the definition. */
export const allow = {
  type: "string",
  valueHint: "FIELD,...",
  description: "Leave these fields of a Compose file out, which Reyns does not support",
} as const satisfies StringArgDef;

/** The caller's environment, in which the fields that a call leaves out are known. */
export function withAllowed(env: Environment, allowed: string | undefined): Environment {
  return allowed === undefined ? env : { ...env, REYNS_ALLOW: allowed };
}

/** Given once for each variable: `-e A=1 -e B=2`. */
export const env = {
  type: "string",
  alias: "e",
  valueHint: "NAME=VALUE",
  description: "Set a variable for this call, whatever the definition says; can be repeated",
} as const satisfies StringArgDef;

/** The names of arguments that can be repeated. */
export const repeatable: ReadonlySet<string> = new Set(["buildArg", "env", "names", "state"]);

const separator = "\0";

/** The hint of an argument that takes the words after `--`. */
export const argvHint = "COMMAND...";

/** The words of a command in one text, told from a line by the separator at its end. */
export function joinArgv(argv: readonly string[]): string {
  return argv.map((word) => `${word}${separator}`).join("");
}

/** The words of a command that was given after `--`, or of a line that was given as `command=`. */
export function splitArgv(text: string): string[] {
  return text.endsWith(separator) ? text.split(separator).slice(0, -1) : commandArgs(text);
}

/** The values of a repeated argument in one text, as no argument can contain a NUL character. */
export function joinValues(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}${separator}${value}`;
}

export function splitValues(joined: string | undefined): string[] {
  return joined?.split(separator) ?? [];
}

/** @throws ReynsError INVALID_VALUE for a value that is not NAME=VALUE */
export function parseEnv(joined: string | undefined, key = "env"): Record<string, string> {
  return Object.fromEntries(
    splitValues(joined).map((text) => {
      const [, name, value] = /^([A-Za-z_][^=\s]*)=([^]*)$/.exec(text) ?? [];
      if (name === undefined || value === undefined)
        throw new ReynsError("INVALID_VALUE", `${key} is "${text}"`, {
          hint: `write ${key}=NAME=VALUE${key === "env" ? ", or -e NAME=VALUE" : ""}`,
        });
      return [name, value];
    }),
  );
}

export const timeout = {
  type: "string",
  valueHint: "SECONDS",
  description: "How long each instance may take to become ready; its own timeout or 60 by default",
} as const satisfies StringArgDef;

/** Not for `start`, `restart` and `run`, whose `timeout` is about getting ready. */
export const stopTimeout = {
  type: "string",
  alias: ["t", "timeout"],
  valueHint: "SECONDS",
  description:
    "How long instances may take to end before they are killed; their own stopGracePeriod or 10 by default",
} as const satisfies StringArgDef;

export const wait = {
  type: "string",
  valueHint: "SECONDS",
  description:
    "How long to wait for another call that is changing this project: 0 fails at once; no limit by default",
} as const satisfies StringArgDef;

export const jobs = {
  type: "string",
  valueHint: "NUMBER",
  description: "How many to process at the same time: 8 instances or 12 images by default",
} as const satisfies StringArgDef;

export const instance = {
  type: "positional",
  required: false,
  valueHint: "INSTANCE",
  description: "Name of the instance",
} as const satisfies PositionalArgDef;

/** For commands that act on several instances. */
export const instances = {
  ...instance,
  description: "Name of the instance, or a pattern",
} as const satisfies PositionalArgDef;

/** For commands that run another one inside an instance, or open a session without it. */
export const remote = {
  instance,
  command: {
    type: "string",
    valueHint: "WORDS",
    description: "The command to run instead of a session; also everything after --",
  },
  capture: {
    type: "boolean",
    description: "Print stdout, stderr and exit status of the command as JSON",
  },
  json,
} as const;

/** How a command runs in a container, as `docker exec` takes it. */
export const execSettings = {
  user: {
    type: "string",
    alias: "u",
    valueHint: "USER",
    description: "The user that runs it, as NAME or ID[:GROUP]; the image's user by default",
  },
  workdir: {
    type: "string",
    alias: "w",
    valueHint: "PATH",
    description: "The folder in which it runs",
  },
  env: { ...env, description: "Set a variable for it; can be repeated" },
  privileged: { type: "boolean", description: "Give it all rights on the Engine's machine" },
  detach: {
    type: "boolean",
    alias: "d",
    description: "Start a command and leave it running: its output goes nowhere",
  },
} as const satisfies ArgsDef;

/**
 * The service that a command is about.
 *
 * @param valueHint the names that completion offers: `SERVICE` for all services, `PRESENT` for those that have instances
 */
export function service(
  description: string,
  valueHint: string,
): PositionalArgDef & { type: "positional"; required: true } {
  return { type: "positional", required: true, description, valueHint };
}

/** For commands that take a group instead of a service, too. */
export function optionalService(
  description: string,
  valueHint: string,
): PositionalArgDef & { type: "positional"; required: false } {
  return { ...service(description, valueHint), required: false };
}

/** @throws ReynsError MISSING_ARGUMENT */
export function requireArgument(value: string | undefined, name: string, example: string): string {
  if (value !== undefined) return value;
  throw new ReynsError("MISSING_ARGUMENT", `missing argument ${name.toUpperCase()}`, {
    hint: `for example: ${example}`,
  });
}

/**
 * @param unit in the plural, for the hint
 * @throws ReynsError INVALID_VALUE
 */
export function parseWholeNumber(text: string, key: string, unit = ""): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new ReynsError("INVALID_VALUE", `${key} is "${text}"`, {
    hint: `accepted: a whole number${unit && ` of ${unit}`}, 0 or more`,
  });
}

/** @throws ReynsError INVALID_VALUE */
export function parseSeconds(text: string | undefined, key = "timeout"): number | undefined {
  return text === undefined ? undefined : parseWholeNumber(text, key, "seconds");
}

/** @throws ReynsError INVALID_VALUE */
export function parseJobs(text: string | undefined): number | undefined {
  const number = text === undefined ? undefined : parseWholeNumber(text, "jobs");
  if (number !== 0) return number;
  throw new ReynsError("INVALID_VALUE", "jobs=0 would process nothing", {
    hint: "accepted: 1 or more; 1 processes one after another",
  });
}

/** The name of a conf, from its name or that of its file. */
export function parseConfName(text: string | undefined): string | undefined {
  return text?.replace(/\.conf$/, "") || undefined;
}
