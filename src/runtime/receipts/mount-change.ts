/** When a mounted file, link or folder was changed last. */
export interface MountChange {
  /** What the receipt calls it. */
  readonly path: string;
  /** Milliseconds since 1970; of a folder: when something was added to it, renamed in it or removed. */
  readonly time: number;
  /** When the newest entry of a folder was made that is not compared: the change may be no more than that. */
  readonly madeIn?: number;
}

/** The first change since a time in milliseconds: of a file rather than of its folder. */
export function changeSince(
  changes: readonly MountChange[],
  since: number,
): MountChange | undefined {
  // The Engine's times are read in whole milliseconds.
  return changes.find(({ time, madeIn = 0 }) => Math.floor(time) > since && madeIn < since);
}
