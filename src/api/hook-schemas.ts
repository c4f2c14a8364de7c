import * as v from "valibot";
import { isRecord } from "../lib/is-record.ts";
import type { Hook } from "../model/hooks.ts";
import { nonEmptyString } from "../model/value-schemas.ts";
import { commandForm, record } from "./field-schemas.ts";

const form = "a line for the shell, a list of arguments, { command, … }, or a list of these";

const parts = v.strictObject({
  command: v.pipe(commandForm, v.minLength(1, "a command")),
  user: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(String))),
  workingDir: v.optional(nonEmptyString),
  env: v.optional(record),
  privileged: v.optional(v.boolean()),
});

export const hookKeys = Object.keys(parts.entries);

const hook = v.pipe(
  v.custom<unknown>(
    (given) => typeof given === "string" || Array.isArray(given) || isRecord(given),
    form,
  ),
  v.transform((given: unknown): unknown => (isRecord(given) ? given : { command: given })),
  parts,
  v.transform((given): Hook => given),
);

/** A list of texts is one command with its arguments. */
function isOne(given: unknown): boolean {
  if (!Array.isArray(given)) return true;
  return given.length > 0 && given.every((item) => typeof item === "string");
}

export const hooks = v.pipe(
  v.unknown(),
  v.transform((given): unknown => (isOne(given) ? [given] : given)),
  v.array(hook, form),
);
