import { dirname, join } from "node:path";
import type { Point } from "./growth.ts";
import type { Machine } from "./machine.ts";
import { plotGrowth } from "./plot.ts";
import { cellsOf, heads, type Result } from "./result.ts";

const docs = join(dirname(import.meta.dir), "docs");
const [begin, end] = ["<!-- measured: written by bun run bench --page -->", "<!-- end -->"];

interface Page {
  readonly machine: Machine;
  readonly results: readonly Result[];
  readonly growth: readonly Point[];
}

/** Writes the figures to docs/performance.md, between its marks, and the plot beside it. */
export async function writePage({ machine, results, growth }: Page): Promise<void> {
  const file = join(docs, "performance.md");
  const text = await Bun.file(file).text();
  const [before] = text.split(begin);
  const after = text.slice(text.indexOf(end));
  const day = new Date().toISOString().slice(0, 10);
  const { processors, memory, system, engine, compose, reyns } = machine;
  const measured = [
    begin,
    "",
    `Measured on ${day}: Reyns ${reyns}, Engine ${engine}, docker-compose ${compose}; ${processors}, ${memory}, ${system}.`,
    "",
    ...markdownTable([[...heads], ...results.map(cellsOf)]),
    "",
    "![Seconds of run all over the number of instances](growth.svg)",
    "",
    ...markdownTable([
      ["instances", "Reyns", "Compose", "floor"],
      ...growth.map((point) => [String(point.count), ...secondsOf(point)]),
    ]),
    "",
  ].join("\n");
  await Bun.write(file, `${before}${measured}\n${after}`);
  await Bun.write(join(docs, "growth.svg"), plotGrowth(growth));
}

function secondsOf({ reyns, compose, floor }: Point): string[] {
  return [reyns, compose, floor].map((time) =>
    time === undefined ? "-" : `${(time / 1000).toFixed(2)} s`,
  );
}

function markdownTable([first = [], ...rows]: readonly string[][]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(first), line(first.map(() => "---")), ...rows.map(line)];
}
