/** A place in a user's file. Lines and columns start at 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /**
   * A path into the call at this place: `[0]` is its first argument, `["links", 2]` the third entry of its option
   * `links`. Resolved to a line and column before the error is shown.
   */
  readonly path?: PathInPlace;
  /** Finds such a path in files that are no scripts, which may be several: an option can stand in an override file. */
  readonly placeOf?: (path: PathInPlace) => Place;
}

type PathInPlace = readonly (string | number)[];

/** A place inside the call, or the entry of another file, at `at`. */
export function inside(at: Place, ...path: PathInPlace): Place {
  return at.placeOf?.(path) ?? { ...at, path };
}

/** The exit status for each error code. The codes are stable and part of the `--json` output. */
const exitStatusOf = {
  UNKNOWN_COMMAND: 2,
  UNKNOWN_KEY: 2,
  INVALID_VALUE: 2,
  UNEXPECTED_ARGUMENT: 2,
  MISSING_ARGUMENT: 2,
  NO_PROJECT: 2,
  INVALID_PROJECT: 2,
  UNKNOWN_SERVICE: 2,
  UNKNOWN_INSTANCE: 2,
  UNKNOWN_CONF: 2,
  UNKNOWN_COPY: 2,
  UNKNOWN_GROUP: 2,
  UNKNOWN_TASK: 2,
  UNKNOWN_TEST: 2,
  UNKNOWN_VOLUME: 2,
  UNKNOWN_VERSION: 2,
  AMBIGUOUS_INSTANCE: 2,
  MISSING_VARIABLE: 2,
  ANSWER_NEEDED: 2,
  NO_ENGINE: 3,
  ENGINE_REFUSED: 1,
  PLAN_OUTDATED: 1,
  PORT_TAKEN: 1,
  NAME_TAKEN: 1,
  VOLUME_IN_USE: 1,
  NO_BASE_IMAGE: 1,
  BUILD_FAILED: 1,
  START_FAILED: 1,
  JOB_FAILED: 1,
  NOT_READY: 1,
  NOT_RUNNING: 1,
  NOT_PUBLISHED: 1,
  BUSY: 1,
  DNS_REFUSED: 1,
  DNS_UNREACHABLE: 1,
  ROUTER_FAILED: 1,
  KEYS_UNUSABLE: 1,
  RECEIPT_REQUIRED: 2,
  RECEIPT_REFUSED: 1,
  RECEIPT_MISMATCH: 1,
  FILE_REFUSED: 1,
  MISSING_TOOL: 1,
  TASK_FAILED: 1,
  NOT_INSTALLED: 1,
  DOWNLOAD_FAILED: 1,
  CHECKSUM_MISMATCH: 1,
  CERTIFICATE_REFUSED: 1,
  NOT_PERMITTED: 1,
  TRUST_FAILED: 1,
  BAD_EXECUTABLE: 1,
  INTERRUPTED: 130,
} as const;

export type ErrorCode = keyof typeof exitStatusOf;

interface Details {
  /** How to fix it: a sentence or a command. */
  readonly hint?: string | undefined;
  /** The part of the hint that still holds once what has failed is removed; all of it by default. */
  readonly remedy?: string | undefined;
  readonly at?: Place | undefined;
  /** The last lines that the failed program printed. */
  readonly output?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/**
 * A mistake or a failure that the user can act on. Anything else that is thrown is a bug in Reyns and is reported with
 * its stack.
 *
 * @example
 * throw new ReynsError("UNKNOWN_SERVICE", 'no service "dmo"', { hint: 'did you mean "demo"?' });
 */
export class ReynsError extends Error {
  override readonly name = "ReynsError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly remedy: string | undefined;
  readonly at: Place | undefined;
  readonly output: readonly string[];

  constructor(code: ErrorCode, message: string, details: Details = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.hint = details.hint;
    this.remedy = "remedy" in details ? details.remedy : details.hint;
    this.at = details.at;
    this.output = details.output ?? [];
  }

  get exitStatus(): number {
    return exitStatusOf[this.code];
  }
}

/** Whether something that was thrown is an error with this code. */
export function hasCode(error: unknown, code: ErrorCode): error is ReynsError {
  return error instanceof ReynsError && error.code === code;
}

/** What is known of something that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * A copy of an error with another message, hint or place. Another hint is a remedy, too, unless another one is given.
 *
 * @example
 * throw errorWith(error, { at: inside(at, "links", 2) });
 */
export function errorWith(
  error: ReynsError,
  change: Partial<Pick<ReynsError, "message" | "hint" | "remedy" | "at">>,
): ReynsError {
  const { code, message, hint, remedy, at, output, cause } = error;
  const kept = "hint" in change ? {} : { remedy };
  const details = { hint, ...kept, at, output, cause, ...change };
  return new ReynsError(code, change.message ?? message, details);
}

/** A copy of the error of something that is removed since, with what is there instead after what remedies it. */
export function withOutcome(
  error: ReynsError,
  ...outcome: readonly (string | undefined)[]
): ReynsError {
  const { code, message, remedy, at, output, cause } = error;
  const lines = [remedy, ...outcome].filter((line) => line !== undefined);
  const hint = lines.length > 0 ? lines.join("\n") : undefined;
  return new ReynsError(code, message, { hint, remedy, at, output, cause });
}

/** A failure, and after it what went wrong while its consequences were undone, unless that is a defect or the same. */
export function withLater(error: unknown, later: unknown): unknown {
  if (!(error instanceof ReynsError)) return error;
  if (!(later instanceof ReynsError)) return later;
  return later.message === error.message ? error : new ReynsErrors([error, later]);
}

/** A mistake in the project's definition. */
export function invalidProject(message: string, hint: string, at: Place | undefined): ReynsError {
  return new ReynsError("INVALID_PROJECT", message, { hint, at });
}

/** Several errors found in one pass, reported together. */
export class ReynsErrors extends Error {
  override readonly name = "ReynsErrors";
  readonly errors: readonly ReynsError[];

  constructor(errors: readonly ReynsError[]) {
    super(errors.map((error) => error.message).join("\n"));
    this.errors = errors;
  }

  get exitStatus(): number {
    return Math.max(...this.errors.map((error) => error.exitStatus));
  }
}

/** Throws the collected errors: none, the only one, or all of them together. */
export function throwAll(errors: readonly ReynsError[]): void {
  const [first] = errors;
  if (!first) return;
  throw errors.length === 1 ? first : new ReynsErrors(errors);
}
