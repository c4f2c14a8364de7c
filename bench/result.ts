import type { Measurement, Row } from "./rows.ts";

/** A measured row. */
export interface Result extends Measurement {
  readonly name: string;
  readonly unit: Row["unit"];
  readonly toCompose: number | undefined;
  readonly toFloor: number | undefined;
  /** For display: "0.3 of Compose". */
  readonly limit: string;
  readonly ok: boolean;
}

/** Compares a measurement with its budget. A row fails if its comparison is missing. */
export function judge({ name, unit, limit }: Row, values: Measurement): Result {
  const { ours, theirs, floor } = values;
  const toCompose = theirs === undefined ? undefined : ours / theirs;
  const toFloor = floor === undefined ? undefined : ours / floor;
  const checks: [limit: number | undefined, value: number | undefined, words: string][] = [
    [limit.compose, toCompose, `${limit.compose} of Compose`],
    [limit.floor, toFloor, `${limit.floor} of the floor`],
    [limit.over, floor === undefined ? undefined : ours - floor, `floor + ${limit.over} ${unit}`],
    [limit.most, ours, `${limit.most} ${unit}`],
  ];
  const held = checks.filter(([most]) => most !== undefined);
  return {
    name,
    unit,
    ...values,
    toCompose,
    toFloor,
    limit: held.map(([, , words]) => words).join(", "),
    ok: held.every(([most = 0, value = Infinity]) => value <= most),
  };
}

export const heads = ["", "Reyns", "Compose", "floor", "ratios", "at most", ""] as const;

/** The cells of a result, in the order of `heads`. */
export function cellsOf(result: Result): string[] {
  const { name, unit, ours, theirs, floor, toCompose, toFloor, limit, ok } = result;
  const amount = (value: number | undefined): string =>
    value === undefined ? "-" : `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`;
  const ratios = [toCompose, toFloor].flatMap((ratio) => (ratio ? [ratio.toFixed(2)] : []));
  const verdict = ok ? "ok" : "OVER";
  return [name, amount(ours), amount(theirs), amount(floor), ratios.join(" "), limit, verdict];
}

export function tableOf(results: readonly Result[]): string[] {
  const rows = [[...heads], ...results.map(cellsOf)];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
}
