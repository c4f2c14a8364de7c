/** One comparison: `ours` may take at most `limit` times as long as `theirs`. */
export interface Row {
  readonly name: string;
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  readonly limit: number;
  /** True for commands that look at the demo, which scripts/demo.sh runs. */
  readonly needsDemo?: boolean;
}

interface Tools {
  readonly reyns: string;
  readonly compose: string;
}

/** The comparisons; a new one is a new line. */
export function rowsWith({ reyns, compose }: Tools): readonly Row[] {
  return [{ name: "version", ours: [reyns, "version"], theirs: [compose, "version"], limit: 0.5 }];
}
