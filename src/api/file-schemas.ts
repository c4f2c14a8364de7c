import * as v from "valibot";
import { isRecord } from "../lib/is-record.ts";
import { parseFileMode } from "../lib/file-mode.ts";
import { nonEmptyString, strictObject } from "../model/value-schemas.ts";
import { envValue } from "./env-schemas.ts";
import { recordOf, wholeNumber } from "./field-schemas.ts";

const modeForm = 'permissions in octal, such as 0o640 or "0640"';
const mode = v.pipe(
  v.custom<number | string>((given) => parseFileMode(given) !== undefined, modeForm),
  v.transform((given) => parseFileMode(given)),
);

const id = wholeNumber(0, 0xffff_fffe, "the number of a user or group");

const fileOptions = {
  mode: v.optional(mode),
  uid: v.optional(id, 0),
  gid: v.optional(id, 0),
};

const text = strictObject({ content: v.string(), ...fileOptions });
const ofProject = strictObject({ file: nonEmptyString, ...fileOptions });

/** What a file consists of. */
export type FileRequest = v.InferOutput<typeof text> | v.InferOutput<typeof ofProject>;

const form = 'the content as a string, file("./PATH"), or { content, mode, uid, gid }';
/** One file: its content, or where it is. */
export const fileParts = v.pipe(
  v.custom<string | object>((given) => typeof given === "string" || isRecord(given), form),
  v.transform((given) => (typeof given === "string" ? { content: given } : given)),
  // A mistake in one form is no reason to speak of the other.
  v.lazy((given): typeof text | typeof ofProject =>
    isRecord(given) && "content" in given ? text : ofProject,
  ),
);

export const files = recordOf(fileParts, '{ "/PATH": "CONTENT" }');

const target = v.pipe(
  v.string(),
  v.regex(/^(?:\/|[A-Za-z0-9_])[^\0]*$/, "a name in /run/secrets, or an absolute path"),
);
const secretOptions = { target: v.optional(target), ...fileOptions };
const secretForms = {
  file: strictObject({ file: nonEmptyString, ...secretOptions }),
  environment: strictObject({ environment: nonEmptyString, ...secretOptions }),
  content: strictObject({ content: v.string(), ...secretOptions }),
};
/** `required()`, `variable()` or null. */
const supplied = v.pipe(
  envValue,
  v.transform((value) => ({ value })),
);

/** What a secret consists of. */
export type SecretRequest = v.InferOutput<
  (typeof secretForms)[keyof typeof secretForms] | typeof supplied
>;

const secretForm =
  'file("./PATH"), required(), the text of the secret, or { file, environment or content, target, mode, uid, gid }';
const secret = v.pipe(
  v.custom<unknown>(
    (given) => typeof given === "string" || given === null || isRecord(given),
    secretForm,
  ),
  v.transform((given: unknown): unknown =>
    typeof given === "string" ? { content: given } : given,
  ),
  v.lazy((given) => {
    if (!isRecord(given) || "kind" in given) return supplied;
    if ("environment" in given) return secretForms.environment;
    return "content" in given ? secretForms.content : secretForms.file;
  }),
);

export const secrets = recordOf(secret, '{ NAME: file("./PATH") }');
