/** Receives the progress of a build. */
export interface BuildListener {
  /**
   * An instruction begins: `RUN make`.
   *
   * @param position which of how many, after the stage's name where it has one: `2/3`, `assets 2/3`
   */
  readonly onInstruction: (text: string, position?: string) => void;
  readonly onLine: (line: string) => void;
}

/** An instruction and its last lines of output. */
export interface FailedInstruction {
  /** Empty when none was running. */
  readonly instruction: string;
  readonly lines: readonly string[];
}
