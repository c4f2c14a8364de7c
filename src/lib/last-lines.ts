/** Keeps the last lines of an output, to be shown when what wrote them fails. */
export interface LastLines {
  readonly add: (line: string) => void;
  readonly clear: () => void;
  readonly all: () => string[];
}

export function lastLines(count: number): LastLines {
  const lines: string[] = [];
  return {
    add: (line) => {
      lines.push(line);
      if (lines.length > count) lines.shift();
    },
    clear: () => {
      lines.length = 0;
    },
    all: () => [...lines],
  };
}
