import * as v from "valibot";
import { parseSeconds } from "../model/docker-syntax.ts";
import {
  engineFieldEntries,
  type EngineFieldName,
  type EngineValue,
} from "../model/engine-fields.ts";
import { nonEmptyString } from "../model/value-schemas.ts";
import { memory, positive, record, size, strings, wholeNumber } from "./field-schemas.ts";

const periodForm = 'microseconds as a number, or a string such as "50ms" or "100us"';

const byKind = {
  text: nonEmptyString,
  texts: strings,
  pairs: record,
  flag: v.boolean(),
  integer: v.pipe(v.number(), v.integer("a whole number")),
  cpus: positive,
  size,
  memory,
  limit: v.union([v.literal(-1), size]),
  period: v.union([
    v.pipe(v.number(), v.integer(periodForm)),
    v.pipe(
      v.string(),
      v.check((given) => parseSeconds(given) !== undefined, periodForm),
      v.transform((given) => Math.round((parseSeconds(given) ?? 0) * 1e6)),
    ),
  ]),
};

type EngineFieldSchemas = {
  readonly [Name in EngineFieldName]: v.OptionalSchema<
    v.GenericSchema<unknown, EngineValue<Name>>,
    undefined
  >;
};

/** The schemas of the fields that the Engine takes as they are. */
export const engineFieldSchemas = Object.fromEntries(
  engineFieldEntries.map(([name, { kind, range, form }]) => {
    if (form) return [name, v.optional(v.pipe(v.string(), v.regex(...form)))];
    return [name, v.optional(range ? wholeNumber(...range) : byKind[kind])];
  }),
) as unknown as EngineFieldSchemas;
