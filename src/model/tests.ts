import type { Place } from "../errors.ts";

/** How a test of a platform has ended. */
export interface TestResult {
  readonly name: string;
  readonly at: Place;
  readonly status: "passed" | "failed" | "skipped";
  readonly milliseconds: number;
  /** Of a failed one. */
  readonly failure?: TestFailure | undefined;
}

/** Why a test has failed. */
export interface TestFailure {
  /** Several lines for a failed check: the difference. */
  readonly message: string;
  /** The line that failed. */
  readonly at: Place | undefined;
  readonly hint: string | undefined;
  /** The end of what its commands have printed. */
  readonly output: readonly string[];
  /** The end of what the instances that it used have printed meanwhile. */
  readonly logs: readonly InstanceLog[];
}

export interface InstanceLog {
  readonly host: string;
  readonly lines: readonly string[];
}

/** What happens while tests run. */
export type TestEvent =
  | { readonly kind: "started"; readonly name: string }
  | { readonly kind: "ended"; readonly result: TestResult };
