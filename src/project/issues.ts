import type { BaseIssue } from "valibot";
import { ReynsError, type Place } from "../errors.ts";
import { acceptedHint } from "../suggest.ts";
import type { JsonPath } from "./jsonc.ts";

type Issue = BaseIssue<unknown>;

interface Context {
  /** Where the value at a path stands. */
  readonly placeOf: (path: JsonPath) => Place;
  /** The keys that are accepted, for an unknown one. */
  readonly keys: readonly string[];
}

/** Turns the issues that a schema found into errors at their places, with what is accepted. */
export function errorsOf(issues: readonly Issue[], context: Context): ReynsError[] {
  return issues.flatMap((issue) => leaves(issue)).map((issue) => errorOf(issue, context));
}

/** Of a failed union the branch that came furthest says what is wrong; the others only confuse. */
function leaves(issue: Issue): Issue[] {
  const deeper = (issue.issues ?? []).filter((inner) => (inner.path?.length ?? 0) > 0);
  if (issue.type !== "union" || deeper.length === 0) return [issue];
  const prefix = issue.path ?? [];
  return deeper.map((inner) => ({ ...inner, path: [...prefix, ...(inner.path ?? [])] }) as Issue);
}

function errorOf(issue: Issue, { placeOf, keys }: Context): ReynsError {
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  const name = path.filter((part) => typeof part === "string").join(".");
  const at = placeOf(path);
  if (issue.type === "strict_object" && issue.expected === "never") {
    const key = String(path.at(-1));
    return new ReynsError("INVALID_PROJECT", `unknown key "${key}"`, {
      hint: acceptedHint(key, keys),
      at,
    });
  }
  if (issue.received === "undefined") {
    return new ReynsError("INVALID_PROJECT", `"${name}" is missing`, {
      hint: `add ${name}: ${expectation(issue)}`,
      at,
    });
  }
  return new ReynsError("INVALID_PROJECT", `${name || "the value"} is ${issue.received}`, {
    hint: `accepted: ${expectation(issue)}`,
    at,
  });
}

function expectation(issue: Issue): string {
  return issue.kind === "validation" || !issue.expected
    ? issue.message
    : issue.expected.replaceAll(" | ", " or ").replace(/[()]/g, "");
}
