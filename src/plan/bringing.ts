import type { RestartInstance, StartInstance } from "../model/steps.ts";
import type { DescribedStart } from "./describe/described-start.ts";

/** A step that starts an instance, and the description that it comes from. */
export interface Bringing {
  readonly step: StartInstance | RestartInstance;
  readonly described: DescribedStart;
}

/** The step `from` comes after the step `to`; both are ids. */
export interface StartOrder {
  readonly from: string;
  readonly to: string;
}
