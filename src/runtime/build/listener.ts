/** Hears what a builder does. */
export interface BuildListener {
  /** An instruction runs: `RUN make`. */
  readonly onInstruction: (text: string) => void;
  readonly onLine: (line: string) => void;
}

/** An instruction and its last lines, to be shown when it fails. */
export interface FailedInstruction {
  /** Empty where none is at work. */
  readonly instruction: string;
  readonly lines: readonly string[];
}
