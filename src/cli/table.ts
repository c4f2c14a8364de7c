import { harmless } from "./harmless.ts";
import { clip, isTerminal, paint, widthOf } from "./style.ts";

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  /** May be shortened when the terminal is narrow; "last" only when that and leaving columns out is not enough. */
  readonly shrinks?: boolean | "last";
  /** Characters that it keeps when it shrinks; 8 unless given. */
  readonly least?: number;
  /** Left out when others are as narrow as they get. */
  readonly dropped?: boolean;
  readonly colour?: (row: Row) => Colour | undefined;
}

type Colour = "green" | "yellow" | "red" | "dim";

/** A column with what it shows of each row, which is worked out once. */
interface Filled<Row> extends Column<Row> {
  readonly cells: readonly string[];
  readonly colours: readonly (Colour | undefined)[];
  /** Characters of its longest text, the title's among them. */
  readonly longest: number;
}

/**
 * Rows below titles, as wide as their content; on a narrow terminal columns shrink, and some are left out.
 *
 * In loops, as people wait for lists: what is a function for each cell would be compiled by JavaScriptCore meanwhile.
 */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const room = isTerminal("stdout") ? widthOf("stdout") : Number.POSITIVE_INFINITY;
  const [shown, widths] = fitting(filled(rows, columns), room);
  const laid = shown.map((column, index) => ({ ...column, width: widths[index] ?? 0 }));
  const titles = laid.map(({ title, width }) => clip(title, width).padEnd(width));
  const lines = [paint("dim", titles.join("  ").trimEnd(), "stdout")];
  for (let row = 0; row < rows.length; row += 1) {
    const texts: string[] = [];
    for (const { cells, colours, width } of laid) {
      const cell = cells[row] ?? "";
      const isLast = texts.length === laid.length - 1;
      const text = cell.length > width ? clip(cell, width) : cell.padEnd(isLast ? 0 : width);
      const colour = colours[row];
      texts.push(colour === undefined ? text : paint(colour, text, "stdout"));
    }
    lines.push(texts.join("  ").trimEnd());
  }
  return lines.join("\n");
}

/** Those in which something stands. */
function filled<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): Filled<Row>[] {
  const found: Filled<Row>[] = [];
  for (const column of columns) {
    const texts: string[] = [];
    const colours: (Colour | undefined)[] = [];
    for (const row of rows) {
      texts.push(column.value(row));
      if (column.colour) colours.push(column.colour(row));
    }
    const cells = oneLine(texts);
    let longest = 0;
    for (const { length } of cells) if (length > longest) longest = length;
    if (longest === 0) continue;
    found.push({ ...column, cells, colours, longest: Math.max(longest, column.title.length) });
  }
  return found;
}

/** A cell is one line, whoever filled it. Nearly all are: one look at a column shows it. */
function oneLine(cells: readonly string[]): readonly string[] {
  const all = cells.join("");
  if (harmless(all) === all && !/[\t\n]/.test(all)) return cells;
  return cells.map((text) => harmless(text).replace(/[\t\n]+/g, " "));
}

const narrowest = 8;

type Fitting<Row> = [readonly Filled<Row>[], readonly number[]];

/** Columns and their widths; as long as they are too wide, without the last that may be left out. */
function fitting<Row>(columns: readonly Filled<Row>[], room: number): Fitting<Row> {
  const content = columns.map(({ longest }) => longest);
  const widths = shrink(content, columns, { room, shrinks: true });
  if (totalOf(widths) <= room) return [columns, widths];
  const last = columns.findLastIndex(({ dropped }) => dropped);
  if (last >= 0) return fitting(columns.toSpliced(last, 1), room);
  return [columns, shrink(widths, columns, { room, shrinks: "last" })];
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 2 * (widths.length - 1));
}

/** Takes what is too wide from the widest column that may shrink, until all fits or nothing is left to take. */
function shrink<Row>(
  widths: readonly number[],
  columns: readonly Column<Row>[],
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
function widestOf<Row>(
  widths: readonly number[],
  columns: readonly Column<Row>[],
  shrinks: true | "last",
): number | undefined {
  const shrinkable = widths.map((width, index) => {
    const column = columns[index];
    return column?.shrinks === shrinks && width > (column.least ?? narrowest) ? width : 0;
  });
  const most = Math.max(...shrinkable);
  return most > 0 ? shrinkable.indexOf(most) : undefined;
}
