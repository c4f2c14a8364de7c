/** What a check of the machine has found. */
export interface Finding {
  /** What was looked at: "engine", "disk", "keys", … Stable: it appears under `json`. */
  readonly check: string;
  readonly state: "ok" | "warning" | "bad";
  readonly message: string;
  /** What mends it: a command where there is one, in a line each. */
  readonly remedy?: string | undefined;
  /** Mends it, where that cannot do harm; resolves to what was done. */
  readonly fix?: (() => Promise<string>) | undefined;
  /** The fix changes the machine itself, so that somebody has to agree to this question. */
  readonly question?: string | undefined;
}

type FindingDetails = Pick<Finding, "remedy" | "fix" | "question">;

export function ok(check: string, message: string): Finding {
  return { check, state: "ok", message };
}

/** Something does not work in all cases. */
export function warning(check: string, message: string, details: FindingDetails = {}): Finding {
  return { check, state: "warning", message, ...details };
}

/** Something does not work. */
export function bad(check: string, message: string, details: FindingDetails = {}): Finding {
  return { check, state: "bad", message, ...details };
}
