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
  readonly colour?: (row: Row) => "green" | "yellow" | "red" | "dim" | undefined;
}

/** A column with the text of each row, which is worked out once. */
interface Filled<Row> extends Column<Row> {
  readonly cells: readonly string[];
}

/** Rows below titles, as wide as their content; on a narrow terminal columns shrink, and some are left out. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const room = isTerminal("stdout") ? widthOf("stdout") : Number.POSITIVE_INFINITY;
  const filled = columns
    .map((column) => ({ ...column, cells: lines(rows.map((row) => column.value(row))) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ""));
  const [shown, widths] = fitting(filled, room);
  const line = (cells: readonly string[]): string => cells.join("  ").trimEnd();
  const fitted = (text: string, column: number): string => {
    const width = widths[column] ?? 0;
    if (text.length > width) return clip(text, width);
    return column === shown.length - 1 ? text : text.padEnd(width);
  };
  const head = line(shown.map(({ title }, column) => fitted(title, column)));
  const body = rows.map((row, index) =>
    line(
      shown.map(({ cells, colour }, column) => {
        const text = fitted(cells[index] ?? "", column);
        const own = colour?.(row);
        return own === undefined ? text : paint(own, text, "stdout");
      }),
    ),
  );
  return [paint("dim", head, "stdout"), ...body].join("\n");
}

/** A cell is one line, whoever filled it. Nearly all are: one look at a column shows it. */
function lines(cells: readonly string[]): readonly string[] {
  const all = cells.join("");
  if (harmless(all) === all && !/[\t\n]/.test(all)) return cells;
  return cells.map((text) => harmless(text).replace(/[\t\n]+/g, " "));
}

const narrowest = 8;

type Fitting<Row> = [readonly Filled<Row>[], readonly number[]];

/** Columns and their widths; as long as they are too wide, without the last that may be left out. */
function fitting<Row>(columns: readonly Filled<Row>[], room: number): Fitting<Row> {
  const content = columns.map(({ title, cells }) =>
    Math.max(title.length, ...cells.map((cell) => cell.length)),
  );
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
