import { createLineBuffer } from "../../lib/line-buffer.ts";

/** Keeps the end of an output and waits for lines of it. */
export interface OutputWatch {
  readonly add: (line: string) => void;
  /** The last twenty lines. */
  readonly recent: () => string[];
  /** What a pattern finds in the lines so far. */
  readonly matches: (pattern: RegExp) => RegExpExecArray[];
  /** Resolves when a line matches, or has matched before; never otherwise. */
  readonly waitForLine: (pattern: RegExp) => Promise<void>;
}

/** Lines that are kept for patterns; they are awaited right after the start. */
const maxLines = 1000;

export function watchOutput(): OutputWatch {
  const recent = createLineBuffer(20);
  const lines = createLineBuffer(maxLines);
  const waiting: { readonly pattern: RegExp; readonly resolve: () => void }[] = [];
  return {
    add: (line) => {
      recent.add(line);
      lines.add(line);
      for (const { pattern, resolve } of waiting) if (pattern.test(line)) resolve();
    },
    recent: recent.all,
    matches: (pattern) =>
      lines
        .all()
        .map((line) => pattern.exec(line))
        .filter((match) => match !== null),
    waitForLine: (pattern) =>
      new Promise((resolve) => {
        if (lines.all().some((line) => pattern.test(line))) resolve();
        else waiting.push({ pattern, resolve });
      }),
  };
}
