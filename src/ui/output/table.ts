import { sanitizeLine } from "./sanitize.ts";
import { isTerminal, paint, terminalWidth } from "./style.ts";
import { pad, truncate, truncateStart, widestOf } from "./width.ts";

export interface Column {
  readonly title: string;
  /** Whether it can be shortened on a narrow terminal; "last" only after other columns are shortened and left out. */
  readonly shrinks?: boolean | "last";
  /** Its width when it is as narrow as it gets; 8 unless given. */
  readonly minWidth?: number;
  /** It is shortened at its start, not at its end. */
  readonly keepsEnd?: boolean;
  /** Can be left out when shortening others is not enough: "first" before all others, "last" after them. */
  readonly droppable?: boolean | "first" | "last";
  /** Of a text in it. */
  readonly colour?: (text: string) => Colour | undefined;
}

type Colour = "green" | "yellow" | "red" | "dim";

/** Texts in the order of the columns; those that are missing at the end are blank. */
export type TableRow = readonly string[];

/** A column with the texts of its rows, each in one line. */
interface FilledColumn extends Column {
  readonly texts: readonly string[];
  readonly width: number;
}

/**
 * Formats rows below titles, as wide as their content and without empty columns; on a narrow terminal columns are
 * shortened or left out.
 *
 * @example
 * formatTable([{ title: "NAME" }, { title: "AGE" }], [["web", "2 min"], ["db", "1 d"]])
 * // NAME  AGE
 * // web   2 min
 * // db    1 d
 */
export function formatTable(columns: readonly Column[], rows: readonly TableRow[]): string {
  const width = isTerminal("stdout") ? terminalWidth("stdout") : Number.POSITIVE_INFINITY;
  const fitting = fit(fill(columns, rows), width);
  const titles = fitting.map((column) => pad(truncate(column.title, column.width), column.width));
  const lines = rows.map((_, index) => fitting.map((column) => formatCell(column, index)));
  return [
    paint("dim", titles.join("  ").trimEnd(), "stdout"),
    ...lines.map((cells) => cells.join("  ").trimEnd()),
  ].join("\n");
}

function formatCell({ texts, width, colour, keepsEnd }: FilledColumn, index: number): string {
  const text = texts[index] ?? "";
  const shown = keepsEnd ? truncateStart(text, width) : truncate(text, width);
  const style = colour?.(text);
  return pad(style === undefined ? shown : paint(style, shown, "stdout"), width);
}

/** The columns that have a text in any row. */
function fill(columns: readonly Column[], rows: readonly TableRow[]): FilledColumn[] {
  return columns
    .map((column, index) => {
      const [title = "", ...texts] = [column.title, ...rows.map((row) => row[index] ?? "")].map(
        sanitizeLine,
      );
      return { ...column, title, texts, width: widestOf([title, ...texts]) };
    })
    .filter(({ texts }) => texts.some((text) => text !== ""));
}

/** Shortens columns, then leaves out one after the other, until they fit; else shortens those that shrink last. */
function fit(columns: readonly FilledColumn[], room: number): readonly FilledColumn[] {
  const shrunk = shrink(columns, true, room);
  if (totalWidth(shrunk) <= room) return shrunk;
  const next = nextDropped(columns);
  return next >= 0 ? fit(columns.toSpliced(next, 1), room) : shrink(shrunk, "last", room);
}

/** Index of the column to leave out next: of those that are equal the last; -1 when there is none. */
function nextDropped(columns: readonly FilledColumn[]): number {
  const found = (["first", true, "last"] as const).map((stage) =>
    columns.findLastIndex(({ droppable }) => droppable === stage),
  );
  return found.find((index) => index >= 0) ?? -1;
}

function totalWidth(columns: readonly FilledColumn[]): number {
  return columns.reduce((sum, { width }) => sum + width, 2 * (columns.length - 1));
}

/** Narrows the widest column that shrinks at this stage, again and again, until all fit or none can be narrowed. */
function shrink(
  columns: readonly FilledColumn[],
  stage: true | "last",
  room: number,
): readonly FilledColumn[] {
  const narrowable = columns.filter(
    ({ shrinks, width, minWidth = 8 }) => shrinks === stage && width > minWidth,
  );
  const [widest] = narrowable.toSorted((a, b) => b.width - a.width);
  if (!widest || totalWidth(columns) <= room) return columns;
  const narrowed = columns.map((column) =>
    column === widest ? { ...column, width: column.width - 1 } : column,
  );
  return shrink(narrowed, stage, room);
}
