/** What all steps have. */
export interface StepBase {
  readonly id: string;
  readonly after: readonly string[];
  /** What it acts on, for people: "shop/web". */
  readonly title: string;
  /** The node on which it happens; undefined where there is only one Engine. */
  readonly node?: string;
  /** Why it is in the plan, for people: "not built yet". */
  readonly reason: string;
}
