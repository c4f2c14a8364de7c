import * as v from "valibot";
import { isRecord } from "../lib/is-record.ts";
import type { EnvValue } from "../model/project.ts";
import { nonEmptyString, strictObject } from "../model/value-schemas.ts";

const required = strictObject({
  kind: v.literal("required"),
  secret: v.boolean(),
  description: v.optional(v.string()),
});

const variable = strictObject({
  kind: v.literal("variable"),
  name: nonEmptyString,
  text: v.custom<string>(
    (given) => typeof given === "string",
    'a string, number or boolean: variable("NAME", "DEFAULT")',
  ),
});

const isScalar = (value: unknown): boolean =>
  ["string", "boolean"].includes(typeof value) || Number.isFinite(value);

const plain = v.custom<string | number | boolean | null>(
  (value) => value === null || isScalar(value),
  "a string, number or boolean; variable(), required() or null for a value supplied at run time",
);

/** A value of `env`. */
export const envValue = v.pipe(
  v.lazy((given): typeof plain | typeof required | typeof variable => {
    const { kind } = isRecord(given) ? given : {};
    if (kind === "required") return required;
    return kind === "variable" ? variable : plain;
  }),
  v.transform((value): EnvValue => {
    if (value === null) return { kind: "required", secret: false, description: undefined };
    if (typeof value !== "object") return { kind: "text", text: String(value) };
    return value.kind === "variable" ? value : { description: undefined, ...value };
  }),
);

const envFileInput = v.union([
  v.pipe(
    nonEmptyString,
    v.transform((path) => ({ path, required: true })),
  ),
  strictObject({ path: nonEmptyString, required: v.optional(v.boolean(), true) }),
]);
/** One file, or a list of them. */
export const envFiles = v.pipe(
  v.unknown(),
  v.transform((given) => (Array.isArray(given) ? (given as unknown[]) : [given])),
  v.array(envFileInput),
);
