import { ReynsError } from "../../errors.ts";
import { acceptedHint } from "../../lib/suggest.ts";
import type { Test, TestMode } from "../../api/tests.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import { hostNameOf } from "../../model/host-names.ts";

/** A function that `test()` has defined, or an instance with `test: true`. */
export type DefinedTest =
  | {
      readonly kind: "function";
      readonly name: string;
      readonly mode: TestMode;
      readonly test: Test;
    }
  | {
      readonly kind: "instance";
      readonly name: string;
      readonly mode: TestMode;
      readonly definition: InstanceDefinition;
    };

/** The tests of a call. */
export interface SelectedTests {
  readonly chosen: readonly DefinedTest[];
  /** Whether all that can run are among them. */
  readonly isComplete: boolean;
  /** How many others `test.only` leaves out. */
  readonly leftOut: number;
}

const example =
  'test("answers", async ({ fetch }) => expect((await fetch("web", "/")).status).toBe(200));';

/** All tests of a project, in the order of their definitions. */
export function listTests(tests: readonly Test[], { conf }: Pick<Project, "conf">): DefinedTest[] {
  const functions = tests.map((test): DefinedTest => ({
    kind: "function",
    name: test.name,
    mode: test.mode,
    test,
  }));
  const instances = conf.instances
    .filter(({ isTest }) => isTest)
    .map((definition): DefinedTest => {
      const name = hostNameOf(definition.service, definition.instance ?? "");
      return { kind: "instance", name, mode: "run", definition };
    });
  return [...functions, ...instances].toSorted((a, b) => lineOf(a) - lineOf(b));
}

function lineOf(defined: DefinedTest): number {
  const { at } = defined.kind === "function" ? defined.test : defined.definition;
  return at.line ?? 0;
}

/**
 * The tests whose names contain one of the patterns; without any, all. `*` stands for anything.
 *
 * @throws ReynsError UNKNOWN_TEST
 */
export function selectTests(
  defined: readonly DefinedTest[],
  patterns: readonly string[],
): SelectedTests {
  if (defined.length === 0) {
    const hint = `define one in reyns.ts: ${example}`;
    throw new ReynsError("UNKNOWN_TEST", "this project has no tests yet", { hint });
  }
  const expressions = patterns.map((pattern) => [pattern, expressionOf(pattern)] as const);
  for (const [pattern, expression] of expressions)
    if (!defined.some(({ name }) => expression.test(name))) throw unknownTest(pattern, defined);
  const named = defined.filter(
    ({ name }) => patterns.length === 0 || expressions.some(([, matches]) => matches.test(name)),
  );
  const only = named.filter(({ mode }) => mode === "only");
  const chosen = only.length > 0 ? only : named;
  const isComplete = chosen.length === defined.length;
  return { chosen, isComplete, leftOut: named.length - chosen.length };
}

function expressionOf(pattern: string): RegExp {
  return new RegExp(
    pattern
      .split("*")
      .map((part) => RegExp.escape(part))
      .join(".*"),
    "i",
  );
}

function unknownTest(pattern: string, defined: readonly DefinedTest[]): ReynsError {
  const names = defined.map(({ name }) => name);
  return new ReynsError("UNKNOWN_TEST", `no test has "${pattern}" in its name`, {
    hint: acceptedHint(pattern, names),
  });
}
