/** Turns chunks of bytes or text into lines. */
export interface LineSplitter {
  readonly push: (chunk: Uint8Array | string) => void;
  /** Reports a last line that has no line break. */
  readonly end: () => void;
  /** The beginning of a line whose end has not arrived yet. */
  readonly pending: () => string;
}

/** Characters. A longer line is reported in parts: whoever writes without a line break must not fill the memory. */
const longestLine = 4_000_000;

/**
 * Calls `onLine` for each line as soon as its line break arrives, without the break. Characters and lines may span
 * chunks.
 *
 * @example
 * const lines = createLineSplitter((line) => console.log(line));
 * lines.push("one\ntw");
 * lines.push("o\r\n"); // prints "one", then "two"
 *
 * @param options.keepsReturn leaves a carriage return before a line break at the end of its line
 */
export function createLineSplitter(
  onLine: (line: string) => void,
  { keepsReturn = false } = {},
): LineSplitter {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let rest = "";
  return {
    push: (chunk) => {
      const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(keepsReturn ? line : line.replace(/\r$/, ""));
      if (rest.length <= longestLine) return;
      onLine(rest);
      rest = "";
    },
    end: () => {
      // A character that has no end.
      rest += decoder.decode();
      if (rest !== "") onLine(rest);
      rest = "";
    },
    pending: () => rest,
  };
}
