import * as v from "valibot";
import type { EnvValue } from "../model/project.ts";
import { nonEmptyString } from "../model/value-schemas.ts";

const required = v.strictObject({
  kind: v.literal("required"),
  secret: v.boolean(),
  description: v.optional(v.string()),
});

const variable = v.strictObject({
  kind: v.literal("variable"),
  name: nonEmptyString,
  text: v.string(),
});

const isScalar = (value: unknown): boolean =>
  ["string", "boolean"].includes(typeof value) || Number.isFinite(value);

/** A value of `env`. */
export const envValue = v.pipe(
  v.custom<
    | string
    | number
    | boolean
    | null
    | v.InferOutput<typeof required>
    | v.InferOutput<typeof variable>
  >(
    (value) => value === null || isScalar(value) || v.is(required, value) || v.is(variable, value),
    "a string, number or boolean; variable(), required() or null for a value supplied at run time",
  ),
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
  v.strictObject({ path: nonEmptyString, required: v.optional(v.boolean(), true) }),
]);
/** One file, or a list of them. */
export const envFiles = v.pipe(
  v.unknown(),
  v.transform((given) => (Array.isArray(given) ? (given as unknown[]) : [given])),
  v.array(envFileInput),
);
