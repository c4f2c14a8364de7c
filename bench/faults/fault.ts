/** The outcome of a fault. */
export interface Outcome {
  /** The tool behaved as it should. */
  readonly ok: boolean;
  /** For docs/reliability.md. */
  readonly description: string;
}

/** A fault to inject. It removes everything it creates on the Engine. */
export interface Fault {
  /** As in docs/reliability.md. */
  readonly name: string;
  readonly ours: () => Promise<Outcome>;
  /** The same for docker-compose; undefined if it has no equivalent. */
  readonly theirs?: (compose: string) => Promise<Outcome>;
}
