/** What came of a fault, in words for docs/reliability.md. */
export interface Finding {
  /** It went as it should. */
  readonly ok: boolean;
  readonly words: string;
}

/** One thing that goes wrong, done for real. What it makes on the Engine it takes away again. */
export interface Fault {
  /** As docs/reliability.md calls it. */
  readonly name: string;
  readonly ours: () => Promise<Finding>;
  /** The same done to docker-compose; absent where it has nothing of the kind. */
  readonly theirs?: (compose: string) => Promise<Finding>;
}
