/** Receives the progress of a build. */
export interface BuildListener {
  /** An instruction begins: `RUN make`. */
  readonly onInstruction: (text: string) => void;
  readonly onLine: (line: string) => void;
}

/** An instruction and its last lines of output. */
export interface FailedInstruction {
  /** Empty when none was running. */
  readonly instruction: string;
  readonly lines: readonly string[];
}
