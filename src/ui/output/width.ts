import sliceAnsi from "slice-ansi";
import widthOf from "string-width";
import { symbols } from "./symbols.ts";

/** Columns of the terminal that a text takes. */
export { widthOf };

/** Shortens a text to a width in columns of the terminal, with an ellipsis. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const { ellipsis } = symbols();
  return `${sliceAnsi(text, 0, Math.max(0, width - ellipsis.length))}${ellipsis}`;
}

/** Fills a text with blanks up to a width in columns of the terminal. */
export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** The width of the widest of some texts. */
export function widestOf(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => widthOf(text)));
}
