import { safeParse, type BaseIssue, type GenericSchema, type InferOutput } from "valibot";
import { ReynsError, type Place } from "../errors.ts";
import { isRecord } from "../lib/is-record.ts";
import { acceptedHint, nearest } from "../lib/suggest.ts";

/** A path into a JSON value: keys of objects, indexes of arrays. */
export type JsonPath = readonly (string | number)[];

type Issue = BaseIssue<unknown>;

interface SchemaContext {
  /** The place of the value at a path. */
  readonly placeOf: (path: JsonPath) => Place;
  /** Name of a value ("" for the whole) -> its accepted keys, for hints on unknown ones. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly hintOf?: HintOf;
  /** A path as the user's file spells it. */
  readonly spelled?: (path: JsonPath) => JsonPath;
}

/** Suggests a replacement for an unknown key. */
type HintOf = (key: string, accepted: readonly string[]) => string;

/** The valid part of an object, if there is one, and the mistakes in the rest. */
export interface CheckedKeys<Output> {
  readonly output: Output | undefined;
  readonly errors: readonly ReynsError[];
}

/**
 * Checks an object, and leaves out the keys that are not valid: the rest is there for other checks, which would otherwise
 * report their mistakes only after these are fixed.
 *
 * @param standIns invalid key -> what to put in its place, where its absence would be reported as another mistake
 */
export function checkKeys<Schema extends GenericSchema>(
  schema: Schema,
  value: unknown,
  context: SchemaContext,
  standIns: Readonly<Record<string, object>> = {},
): CheckedKeys<InferOutput<Schema>> {
  const first = safeParse(schema, value);
  if (first.success) return { output: first.output, errors: [] };
  const errors = schemaErrors(first.issues, context);
  if (!isRecord(value)) return { output: undefined, errors };
  const invalid = new Set(first.issues.map(({ path }) => String(path?.[0]?.key)));
  const valid = Object.entries(value).filter(([key]) => !invalid.has(key));
  const others = Object.entries(standIns).flatMap(([key, put]) => (invalid.has(key) ? [put] : []));
  const second = safeParse(schema, Object.assign({}, ...others, Object.fromEntries(valid)));
  return { output: second.success ? second.output : undefined, errors };
}

/** Converts schema issues to errors with their places and the accepted values. */
export function schemaErrors(issues: readonly Issue[], context: SchemaContext): ReynsError[] {
  const found = issues.flatMap((issue) => leaves(issue)).flatMap(unknownKeys);
  const misspelt = new Set(
    found.filter(isUnknownKey).map((issue) => {
      const meant = nearest(keyOf(issue), listedKeys(issue) ?? []);
      return JSON.stringify([...pathOf(issue).slice(0, -1), meant]);
    }),
  );
  // A key that is only misspelt is not missing as well.
  return found
    .filter((issue) => !isMissing(issue) || !misspelt.has(JSON.stringify(pathOf(issue))))
    .map((issue) => errorOf(issue, context));
}

/** A schema stops at the first unknown key of an object; this adds the others. */
function unknownKeys(issue: Issue): Issue[] {
  const last = issue.path?.at(-1);
  const accepted = isUnknownKey(issue) && listedKeys(issue);
  if (!accepted || !last || !isRecord(last.input)) return [issue];
  const others = Object.keys(last.input).filter((key) => !accepted.includes(key));
  const holder = issue.path?.slice(0, -1) ?? [];
  return others.map((key) => withPath(issue, [...holder, { ...last, key }]));
}

function withPath(issue: Issue, path: readonly unknown[]): Issue {
  return { ...issue, path } as Issue;
}

function isUnknownKey({ type, expected }: Issue): boolean {
  return type === "strict_object" && expected === "never";
}

function isMissing({ type, received }: Issue): boolean {
  return received === "undefined" && type !== "custom";
}

/** The keys that the schema itself lists. */
function listedKeys({ message }: Issue): string[] | undefined {
  return message.startsWith("Invalid ") ? undefined : message.split(", ");
}

function acceptedBy(issue: Issue, { keys }: SchemaContext): readonly string[] | undefined {
  // `kind` is written by functions such as required(), not by users.
  const listed = listedKeys(issue)?.filter((key) => key !== "kind");
  return keys[nameOf(pathOf(issue).slice(0, -1))] ?? listed;
}

function pathOf({ path }: Issue): (string | number)[] {
  return (path ?? []).map((item) => item.key as string | number);
}

function keyOf(issue: Issue): string {
  return String(pathOf(issue).at(-1));
}

/**
 * Removes unknown keys from an object and reports each of them, because a schema stops at the first one.
 *
 * @returns `known`: the object without unknown keys; `meant`: the values of misspelt keys, under the correct ones
 */
export function withoutUnknownKeys(
  value: unknown,
  keys: readonly string[],
  placeOf: SchemaContext["placeOf"],
  hintOf: HintOf = acceptedHint,
): { known: unknown; meant: object; errors: ReynsError[] } {
  if (!isRecord(value)) return { known: value, meant: {}, errors: [] };
  const unknown = Object.keys(value).filter((key) => !keys.includes(key));
  const errors = unknown.map(
    (key) =>
      new ReynsError("INVALID_PROJECT", `unknown key "${key}"`, {
        hint: hintOf(key, keys),
        at: placeOf([key]),
      }),
  );
  const meant = unknown.flatMap((key) => {
    const accepted = nearest(key, keys);
    return accepted === undefined ? [] : [[accepted, value[key]] as const];
  });
  const known = Object.entries(value).filter(([key]) => !unknown.includes(key));
  return { known: Object.fromEntries(known), meant: Object.fromEntries(meant), errors };
}

/** For a failed union, reports only the branch that matched furthest; the others would confuse. */
function leaves(issue: Issue): Issue[] {
  const deeper = (issue.issues ?? []).filter(
    (inner) => (inner.path?.length ?? 0) > 0 || inner.kind === "validation",
  );
  if (issue.type !== "union" || deeper.length === 0) return [issue];
  const prefix = issue.path ?? [];
  return deeper.flatMap((inner) => leaves(withPath(inner, [...prefix, ...(inner.path ?? [])])));
}

function errorOf(issue: Issue, context: SchemaContext): ReynsError {
  const { placeOf, hintOf = acceptedHint, spelled = (path) => path } = context;
  const path = pathOf(issue);
  const at = placeOf(path);
  const error = (message: string, hint?: string): ReynsError =>
    new ReynsError("INVALID_PROJECT", message, { hint, at });
  if (isUnknownKey(issue)) {
    const accepted = acceptedBy(issue, context);
    return error(`unknown key "${keyOf(issue)}"`, accepted && hintOf(keyOf(issue), accepted));
  }
  const name = nameOf(spelled(path));
  if (isMissing(issue)) return error(`"${name}" is missing`, `add ${path.at(-1)}`);
  return error(
    `${name || "the value"} is ${describeValue(issue.input)}`,
    `accepted: ${describeExpected(issue)}`,
  );
}

function nameOf(path: JsonPath): string {
  return path.filter((part) => typeof part === "string").join(".");
}

function describeValue(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "object") return Array.isArray(value) ? "a list" : "an object";
  if (typeof value === "function") return "a function";
  // JSON has no NaN.
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function describeExpected(issue: Issue): string {
  const isOwnText = !issue.message.startsWith("Invalid ");
  if (isOwnText || issue.kind === "validation" || issue.type === "custom" || !issue.expected)
    return issue.message;
  return issue.expected
    .replaceAll(" | ", " or ")
    .replace(/[()]/g, "")
    .replace(/\bstring\b/, "a string")
    .replace(/\bboolean\b(?: or "[Tt]rue" or "[Ff]alse")*/, "true or false")
    .replace(/\bnumber\b/, "a number")
    .replace(/\b(?:Object|unknown)\b/, "an object")
    .replace(/\bArray\b/, "a list");
}
