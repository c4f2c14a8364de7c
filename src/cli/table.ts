import { clip, isTerminal, paint, widthOf } from "./style.ts";

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  /** May be shortened when the terminal is narrow; "last" only when the others are as narrow as they get. */
  readonly shrinks?: boolean | "last";
  readonly colour?: (row: Row) => "green" | "yellow" | "red" | "dim" | undefined;
}

/** Rows below titles, as wide as their content; columns that may shrink give way on a narrow terminal. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const filled = columns.filter(({ value }) => rows.some((row) => value(row) !== ""));
  const widths = fit(
    filled.map(({ title, value }) =>
      Math.max(title.length, ...rows.map((row) => value(row).length)),
    ),
    filled,
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd();
  const head = paint(
    "dim",
    line(filled.map(({ title }, index) => clip(title, widths[index] ?? 0))),
    "stdout",
  );
  const body = rows.map((row) =>
    filled
      .map((column, index) => {
        const text = clip(column.value(row), widths[index] ?? 0);
        const padded = index === filled.length - 1 ? text : text.padEnd(widths[index] ?? 0);
        const colour = column.colour?.(row);
        return colour === undefined ? padded : paint(colour, padded, "stdout");
      })
      .join("  ")
      .trimEnd(),
  );
  return [head, ...body].join("\n");
}

const narrowest = 8;

/** Takes what is too wide from the widest column that may shrink, until all fits or nothing is left to take. */
function fit<Row>(widths: readonly number[], columns: readonly Column<Row>[]): number[] {
  const result = [...widths];
  const room = isTerminal("stdout") ? widthOf("stdout") : Number.POSITIVE_INFINITY;
  const total = (): number => result.reduce((sum, width) => sum + width, 2 * (result.length - 1));
  while (total() > room) {
    const widest = widestOf(result, columns, true) ?? widestOf(result, columns, "last");
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
  const shrinkable = widths.map((width, index) =>
    columns[index]?.shrinks === shrinks ? width : 0,
  );
  const most = Math.max(...shrinkable);
  return most > narrowest ? shrinkable.indexOf(most) : undefined;
}
