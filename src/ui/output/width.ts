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

/** The same from its start: names of images differ at their ends. */
export function truncateStart(text: string, width: number): string {
  const tooWide = widthOf(text) - width;
  if (tooWide <= 0) return text;
  const { ellipsis } = symbols();
  return truncate(ellipsis + Bun.sliceAnsi(text, tooWide + widthOf(ellipsis)), width);
}

/** Fills a text with blanks up to a width in columns of the terminal. */
export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** The width of the widest of some texts. */
export function widestOf(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(widthOf));
}
