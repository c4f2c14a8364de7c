/** The result of a check. */
export interface Finding {
  /** What was checked: "engine", "disk", "keys", … Stable, because it appears under `json`. */
  readonly check: string;
  /** The machine that it is about; undefined where there is only one. */
  readonly node?: string;
  readonly state: "ok" | "warning" | "bad";
  readonly message: string;
  /** How to fix it: commands where there are some, one a line. */
  readonly remedy?: string | undefined;
  /** Fixes it, where that is safe; resolves to what was done. */
  readonly fix?: (() => Promise<string>) | undefined;
  /** Has to be confirmed before the fix, because it changes the machine itself. */
  readonly question?: string | undefined;
}

type FindingDetails = Pick<Finding, "remedy" | "fix" | "question">;

export function ok(check: string, message: string): Finding {
  return { check, state: "ok", message };
}

/** Something does not work in every case. */
export function warning(check: string, message: string, details: FindingDetails = {}): Finding {
  return { check, state: "warning", message, ...details };
}

/** Something does not work. */
export function bad(check: string, message: string, details: FindingDetails = {}): Finding {
  return { check, state: "bad", message, ...details };
}
