import { createLineBuffer } from "../../lib/last-lines.ts";

/** Remembers the end of an output and tells when a line comes. */
export interface OutputWatch {
  readonly add: (line: string) => void;
  /** The last twenty lines. */
  readonly recent: () => string[];
  /** Resolves when a line has matched or matches. */
  readonly waitForLine: (pattern: RegExp) => Promise<void>;
}

export function watchOutput(): OutputWatch {
  const recent = createLineBuffer(20);
  const seen: string[] = [];
  const waiting: { pattern: RegExp; resolve: () => void }[] = [];
  return {
    add: (line) => {
      recent.add(line);
      // A pattern is asked for right after the start: what lies further back is of no use.
      if (seen.push(line) > 1000) seen.shift();
      for (const { pattern, resolve } of waiting) if (pattern.test(line)) resolve();
    },
    recent: recent.all,
    waitForLine: (pattern) =>
      new Promise((resolve) => {
        if (seen.some((line) => pattern.test(line))) resolve();
        else waiting.push({ pattern, resolve });
      }),
  };
}
