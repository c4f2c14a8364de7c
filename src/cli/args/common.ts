import type { BooleanArgDef, PositionalArgDef, StringArgDef } from "citty";
import { ReynsError } from "../../errors.ts";

/** Every command takes it besides its own arguments. */
export const quiet = {
  type: "boolean",
  alias: "q",
  description: "Only results and errors: no progress, no notes",
} as const satisfies BooleanArgDef;

/** Arguments that several commands share. */
export const json = {
  type: "boolean",
  alias: "jsonout",
  description: "Print one JSON document",
} as const satisfies BooleanArgDef;

export const yes = {
  type: "boolean",
  description: "Do not ask: answer yes",
} as const satisfies BooleanArgDef;

export const conf = {
  type: "string",
  valueHint: "CONF",
  description: "The conf to use, instead of the default one",
} as const satisfies StringArgDef;

export const group = {
  type: "string",
  valueHint: "GROUP",
  description: "Only the instances of this group",
} as const satisfies StringArgDef;

export const timeout = {
  type: "string",
  valueHint: "SECONDS",
  description: "How long each instance may take until it is ready; else its own timeout, or 60",
} as const satisfies StringArgDef;

export const wait = {
  type: "string",
  valueHint: "SECONDS",
  description:
    "How long to wait for another call that changes this project, 0 for not at all; else as long as it takes",
} as const satisfies StringArgDef;

export const jobs = {
  type: "string",
  valueHint: "NUMBER",
  description: "How many are worked on at the same time; unless given, 8 instances or 12 images",
} as const satisfies StringArgDef;

export const instance = {
  type: "positional",
  required: false,
  valueHint: "INSTANCE",
  description: "Name of the instance",
} as const satisfies PositionalArgDef;

/** Where several may be meant. */
export const instances = {
  ...instance,
  description: "Name of the instance, or a pattern",
} as const satisfies PositionalArgDef;

/** What runs inside an instance; the other side is a session or a shell without it. */
export const remote = {
  instance,
  command: {
    type: "string",
    valueHint: "WORDS",
    description: "What to run there, instead of a session; also everything after --",
  },
  capture: {
    type: "boolean",
    description: "Print stdout, stderr and exit status of the command as JSON",
  },
  json,
} as const;

/**
 * The service that a command is about; the description says what else is accepted.
 *
 * @param hint what completion offers: `SERVICE` for those of the project, `PRESENT` for those that have instances
 */
export function service(
  description: string,
  hint: string,
): PositionalArgDef & { type: "positional"; required: false } {
  return { type: "positional", required: false, description, valueHint: hint };
}

/** @throws ReynsError MISSING_WORD */
export function needWord(word: string | undefined, what: string, example: string): string {
  if (word !== undefined && word !== "") return word;
  throw new ReynsError("MISSING_WORD", `say which ${what}`, { hint: `for example: ${example}` });
}

/** A whole number of seconds, lines and so on. @param unit in the plural, for the hint */
export function wholeNumber(text: string, key: string, unit = ""): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new ReynsError("INVALID_VALUE", `${key} is "${text}"`, {
    hint: `accepted: a whole number${unit && ` of ${unit}`}, 0 or more`,
  });
}

/** The seconds of `timeout=` and `wait=`; undefined when it was not given. */
export function seconds(text: string | undefined, key = "timeout"): number | undefined {
  return text === undefined || text === "" ? undefined : wholeNumber(text, key, "seconds");
}

/**
 * What `jobs=` says; undefined when it was not given.
 *
 * @throws ReynsError INVALID_VALUE
 */
export function jobsOf(text: string | undefined): number | undefined {
  const number = text === undefined || text === "" ? undefined : wholeNumber(text, "jobs");
  if (number !== 0) return number;
  throw new ReynsError("INVALID_VALUE", "jobs=0: nothing would be done", {
    hint: "give 1 for one after another, or more",
  });
}

/** An argument that was not given is the empty text or undefined, depending on where it stood. */
export function given(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

/** The name of a conf, which may be given as that of its file. */
export function confName(text: string | undefined): string | undefined {
  return given(text?.replace(/\.conf$/, ""));
}
