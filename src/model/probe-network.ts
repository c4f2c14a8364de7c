import type { StepBase } from "./step-base.ts";

/** Waits until containers of a node reach those of others through the network that spans them. */
export interface ProbeNetwork extends StepBase {
  readonly kind: "probe-network";
  /** Its name on the Engines. */
  readonly network: string;
  /** The other nodes. */
  readonly peers: readonly string[];
  /** Seconds; undefined for the default. */
  readonly timeout: number | undefined;
}
