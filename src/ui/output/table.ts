import { harmless } from "./sanitize.ts";
import { clip, hasColours, isTerminal, paint, widthOf } from "./style.ts";

export interface Column {
  readonly title: string;
  /** May be shortened when the terminal is narrow; "last" only when that and leaving columns out is not enough. */
  readonly shrinks?: boolean | "last";
  /** Characters that it keeps when it shrinks; 8 unless given. */
  readonly least?: number;
  /** Left out when others are as narrow as they get. */
  readonly dropped?: boolean;
  /** Of a text in it. */
  readonly colour?: (text: string) => Colour | undefined;
}

type Colour = "green" | "yellow" | "red" | "dim";

/** Texts in the order of the columns; those that are missing at the end are blank. */
export type Row = readonly string[];

/** A column in which something stands. */
interface Filled extends Column {
  /** Where its texts are in a row. */
  readonly index: number;
  /** Characters of its longest text, the title's among them. */
  readonly longest: number;
}

/** Where the texts of a column are in a row, and how they are drawn. */
interface Laid {
  readonly index: number;
  readonly width: number;
  readonly colour: Column["colour"];
}

/**
 * Rows below titles, as wide as their content; on a narrow terminal columns shrink, and some are left out.
 *
 * In loops, as people wait for lists: the first call of `map` and its like takes 0.07 ms.
 *
 * @example
 * table([{ title: "NAME" }, { title: "AGE" }], [["web", "2 min"], ["db", "1 d"]])
 * // NAME  AGE
 * // web   2 min
 * // db    1 d
 */
export function table(columns: readonly Column[], rows: readonly Row[]): string {
  const clean = oneLineEach(rows);
  const room = isTerminal("stdout") ? widthOf("stdout") : Number.POSITIVE_INFINITY;
  const [shown, widths] = fitting(filled(columns, clean), room);
  const isPainted = hasColours("stdout");
  const laid: Laid[] = [];
  const titles: string[] = [];
  for (const { index, title, colour } of shown) {
    const width = widths[laid.length] ?? 0;
    laid.push({ index, width, colour: isPainted ? colour : undefined });
    titles.push(clip(title, width).padEnd(width));
  }
  const drawn = [paint("dim", titles.join("  ").trimEnd(), "stdout")];
  for (const row of clean) {
    const texts: string[] = [];
    for (const { index, width, colour } of laid) {
      const cell = row[index] ?? "";
      const isLast = texts.length === laid.length - 1;
      const text = cell.length > width ? clip(cell, width) : cell.padEnd(isLast ? 0 : width);
      const painted = colour?.(cell);
      texts.push(painted === undefined ? text : paint(painted, text, "stdout"));
    }
    drawn.push(texts.join("  ").trimEnd());
  }
  return drawn.join("\n");
}

/** A cell is one line, whoever filled it. Nearly all are: one look at all of them shows it. */
function oneLineEach(rows: readonly Row[]): readonly Row[] {
  const all = rows.flat().join("");
  if (harmless(all) === all && !all.includes("\t") && !all.includes("\n")) return rows;
  return rows.map((row) => row.map((text) => harmless(text).replace(/[\t\n]+/g, " ")));
}

/** Those in which something stands. */
function filled(columns: readonly Column[], rows: readonly Row[]): Filled[] {
  const found: Filled[] = [];
  for (let index = 0; index < columns.length; index += 1) {
    const column = columns[index];
    let longest = 0;
    for (const row of rows) {
      const { length } = row[index] ?? "";
      if (length > longest) longest = length;
    }
    if (!column || longest === 0) continue;
    found.push({ ...column, index, longest: Math.max(longest, column.title.length) });
  }
  return found;
}

const narrowest = 8;

type Fitting = [readonly Filled[], readonly number[]];

/** Columns and their widths; as long as they are too wide, without the last that may be left out. */
function fitting(columns: readonly Filled[], room: number): Fitting {
  const content: number[] = [];
  for (const { longest } of columns) content.push(longest);
  const widths = shrink(content, columns, { room, shrinks: true });
  if (totalOf(widths) <= room) return [columns, widths];
  const last = columns.findLastIndex(({ dropped }) => dropped);
  if (last >= 0) return fitting(columns.toSpliced(last, 1), room);
  return [columns, shrink(widths, columns, { room, shrinks: "last" })];
}

function totalOf(widths: readonly number[]): number {
  let total = 2 * (widths.length - 1);
  for (const width of widths) total += width;
  return total;
}

/** Takes what is too wide from the widest column that may shrink, until all fits or nothing is left to take. */
function shrink(
  widths: readonly number[],
  columns: readonly Column[],
  { room, shrinks }: { readonly room: number; readonly shrinks: true | "last" },
): number[] {
  const result = [...widths];
  while (totalOf(result) > room) {
    const widest = widestOf(result, columns, shrinks);
    if (widest === undefined) break;
    result[widest] = (result[widest] ?? 0) - 1;
  }
  return result;
}

/** Index of the widest column that shrinks so and still can. */
function widestOf(
  widths: readonly number[],
  columns: readonly Column[],
  shrinks: true | "last",
): number | undefined {
  const shrinkable = widths.map((width, index) => {
    const column = columns[index];
    return column?.shrinks === shrinks && width > (column.least ?? narrowest) ? width : 0;
  });
  const most = Math.max(...shrinkable);
  return most > 0 ? shrinkable.indexOf(most) : undefined;
}
