import { ReynsError, type Place } from "../../errors.ts";
import type { ComposeWarning } from "./compose-project.ts";

/** Collects mistakes, so that all of them are reported at once. */
export interface ComposeReport {
  readonly error: (at: Place, message: string, hint?: string) => void;
  readonly warn: (at: Place, message: string, hint?: string) => void;
  readonly warnings: readonly ComposeWarning[];
  readonly hasErrors: () => boolean;
  /** INVALID_PROJECT */
  readonly errors: () => readonly ReynsError[];
}

/** The first 20 mistakes, and how many more there are. */
export function firstErrors(errors: readonly ReynsError[]): readonly ReynsError[] {
  const left = errors.length - most;
  const rest = new ReynsError("INVALID_PROJECT", `and ${left} more mistakes`);
  return left > 0 ? [...errors.slice(0, most), rest] : errors;
}

const most = 20;

export function createReport(): ComposeReport {
  const errors = new Map<string, ReynsError>();
  const warnings = new Map<string, ComposeWarning>();
  return {
    error(at, message, hint) {
      errors.set(keyOf(at, message), new ReynsError("INVALID_PROJECT", message, { at, hint }));
    },
    warn(at, message, hint) {
      warnings.set(keyOf(at, message), { at, message, hint });
    },
    get warnings() {
      return [...warnings.values()];
    },
    hasErrors: () => errors.size > 0,
    errors: () => [...errors.values()],
  };
}

/** For what is not used yet, such as a service that no profile selects. */
export function asWarnings(report: ComposeReport): ComposeReport {
  return { ...report, error: report.warn };
}

/** A file that is read twice, by `extends` for example, has its mistakes once. */
function keyOf({ file, line = 0, column = 0 }: Place, message: string): string {
  return [file, line, column, message].join("\0");
}
