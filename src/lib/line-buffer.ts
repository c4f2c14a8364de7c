/** The last lines of an output, to be shown when its command fails. */
export interface LineBuffer {
  readonly add: (line: string) => void;
  readonly clear: () => void;
  readonly all: () => string[];
}

export function createLineBuffer(count: number): LineBuffer {
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
