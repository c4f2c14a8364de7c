import { symbols } from "./symbols.ts";

/** Columns of the terminal that a text takes. */
export function widthOf(text: string): number {
  return Bun.stringWidth(text);
}

/** Shortens a text to a width in columns of the terminal, with an ellipsis. */
export function truncate(text: string, width: number): string {
  return widthOf(text) <= width
    ? text
    : Bun.sliceAnsi(text, 0, Math.max(0, width), symbols().ellipsis);
}

/** Fills a text with blanks up to a width in columns of the terminal. */
export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** The width of the widest of some texts. */
export function widestOf(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(widthOf));
}
