import type { BaseIssue } from "valibot";
import { ReynsError, type Place } from "../errors.ts";
import { isRecord } from "./is-record.ts";
import { acceptedHint, nearest } from "./suggest.ts";
import type { JsonPath } from "./jsonc.ts";

type Issue = BaseIssue<unknown>;

interface Context {
  /** Where the value at a path stands. */
  readonly placeOf: (path: JsonPath) => Place;
  /** The keys that are accepted, for an unknown one: by the name of the value that has them, "" for the whole. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly hintOf?: HintOf;
}

/** What to write instead of a key that is not accepted. */
type HintOf = (key: string, accepted: readonly string[]) => string;

/** Turns the issues that a schema found into errors at their places, with what is accepted. */
export function errorsOf(issues: readonly Issue[], context: Context): ReynsError[] {
  return issues.flatMap((issue) => leaves(issue)).map((issue) => errorOf(issue, context));
}

/**
 * The keys of an object that are not accepted, each an error, and the object without them: a schema itself stops at the
 * first one.
 *
 * @returns meant: values whose keys are nearly accepted ones, under those
 */
export function withoutUnknownKeys(
  value: unknown,
  keys: readonly string[],
  placeOf: Context["placeOf"],
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

/** Of a failed union the branch that came furthest says what is wrong; the others only confuse. */
function leaves(issue: Issue): Issue[] {
  const deeper = (issue.issues ?? []).filter(
    (inner) => (inner.path?.length ?? 0) > 0 || inner.kind === "validation",
  );
  if (issue.type !== "union" || deeper.length === 0) return [issue];
  const prefix = issue.path ?? [];
  return deeper.flatMap((inner) =>
    leaves({ ...inner, path: [...prefix, ...(inner.path ?? [])] } as Issue),
  );
}

function errorOf(issue: Issue, { placeOf, keys, hintOf = acceptedHint }: Context): ReynsError {
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  const at = placeOf(path);
  const error = (message: string, hint?: string): ReynsError =>
    new ReynsError("INVALID_PROJECT", message, { hint, at });
  if (issue.type === "strict_object" && issue.expected === "never") {
    const key = String(path.at(-1));
    const accepted = keys[nameOf(path.slice(0, -1))];
    return error(`unknown key "${key}"`, accepted && hintOf(key, accepted));
  }
  const name = nameOf(path);
  if (issue.received === "undefined" && issue.type !== "custom")
    return error(`"${name}" is missing`, `add ${path.at(-1)}`);
  return error(
    `${name || "the value"} is ${described(issue.input)}`,
    `accepted: ${expectation(issue)}`,
  );
}

function nameOf(path: JsonPath): string {
  return path.filter((part) => typeof part === "string").join(".");
}

function described(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "object") return Array.isArray(value) ? "a list" : "an object";
  if (typeof value === "function") return "a function";
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function expectation(issue: Issue): string {
  if (issue.kind === "validation" || issue.type === "custom" || !issue.expected)
    return issue.message;
  return issue.expected
    .replaceAll(" | ", " or ")
    .replace(/[()]/g, "")
    .replace(/\bstring\b/, "a text")
    .replace(/\bboolean\b(?: or "[Tt]rue" or "[Ff]alse")*/, "true or false")
    .replace(/\bnumber\b/, "a number")
    .replace(/\b(?:Object|unknown)\b/, "an object")
    .replace(/\bArray\b/, "a list");
}
