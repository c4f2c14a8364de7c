import type { StepBase } from "./step-base.ts";

/** Waits until an instance of another machine is registered with the DNS. */
export interface AwaitName extends StepBase {
  readonly kind: "await-name";
  /** In which group it is defined. */
  readonly group: string;
  readonly server: string;
  readonly zone: string;
  /** Seconds; undefined for the default. */
  readonly timeout: number | undefined;
}
