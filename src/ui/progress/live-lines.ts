import { summarizeList } from "../../lib/summarize-list.ts";
import { formatSeconds } from "../output/duration.ts";
import { sanitizeLine } from "../output/sanitize.ts";
import { paint } from "../output/style.ts";
import { symbols } from "../output/symbols.ts";
import { pad, truncate, widestOf, widthOf } from "../output/width.ts";
import type { Board } from "./board.ts";
import { currentPhase, formatElapsed, titleOf } from "./step-lines.ts";

export interface Screen {
  /** Of the terminal, in columns and lines. */
  readonly width: number;
  readonly height: number;
  readonly now: number;
  /** Start of the first step. */
  readonly begun: number;
  /** Counts the redraws. */
  readonly frame: number;
}

interface ProgressRow {
  readonly mark: string;
  readonly title: string;
  readonly text: string;
  readonly elapsed: string;
  readonly isPending: boolean;
}

/**
 * The lines that are redrawn in place: one for each running step, then those that wait, as many as fit the terminal;
 * a count of the others, and the progress of the whole.
 */
export function liveLines(board: Board, screen: Screen): string[] {
  const { width, height } = screen;
  const rows = rowsOf(board, screen);
  if (rows.length === 0) return [];
  const total = totalLine(board, screen);
  // One line stays free for the cursor, one for the lines that scroll away above.
  const room = Math.max(1, height - 2 - total.length);
  const shown = rows.length <= room ? rows : rows.slice(0, Math.max(1, room - 1));
  const rest = rows.slice(shown.length);
  return [
    ...alignRows(shown, width),
    ...(rest.length > 0 ? [restLine(rest, width)] : []),
    ...total,
  ];
}

function rowsOf(board: Board, { now, frame }: Screen): ProgressRow[] {
  const { dots, frames } = symbols();
  const running = board.running().map((entry) => ({
    mark: frames[frame % frames.length] ?? "",
    title: titleOf(entry.step),
    text: currentPhase(entry),
    elapsed: formatElapsed(entry, now),
    isPending: false,
  }));
  const pending = board.pending().map((entry) => ({
    mark: dots,
    title: titleOf(entry.step),
    text: formatWaiting(board.waitsFor(entry)),
    elapsed: "",
    isPending: true,
  }));
  return [...running, ...pending];
}

/** Titles in a column, then the texts, then the times; each is shortened where it is too wide. */
function alignRows(rows: readonly ProgressRow[], width: number): string[] {
  const running = rows.filter(({ isPending }) => !isPending);
  const titles = Math.min(widestOf(rows.map(({ title }) => title)), Math.floor(width * 0.45));
  const times = widestOf(running.map(({ elapsed }) => elapsed));
  // A mark and a blank, two blanks between, one column free at the end.
  const room = Math.max(0, width - titles - times - 7);
  const texts = Math.min(widestOf(running.map(({ text }) => text)), room);
  return rows.map(({ mark, title, text, elapsed, isPending }) => {
    const name = pad(truncate(title, titles), titles);
    if (isPending) return dim(truncate(`${mark} ${name}  ${text}`, width - 1));
    const words = `${name}  ${pad(truncate(text, texts), texts)}`;
    const line = `${mark} ${words}  ${elapsed}`;
    if (widthOf(line) >= width) return truncate(line, width - 1);
    return `${paint("cyan", mark, "stderr")} ${words}  ${dim(elapsed)}`;
  });
}

function formatWaiting(titles: readonly string[]): string {
  return titles.length === 0 ? "queued" : `waits for ${summarizeList(titles.map(sanitizeLine), 3)}`;
}

function restLine(rows: readonly ProgressRow[], width: number): string {
  const waiting = rows.filter(({ isPending }) => isPending).length;
  const parts = [
    ...(rows.length > waiting ? [`${rows.length - waiting} more running`] : []),
    ...(waiting > 0 ? [`${waiting} more waiting`] : []),
  ];
  return dim(truncate(`  ${parts.join(", ")}`, width - 1));
}

/** The progress of the whole; no line for a few steps, which are seen at a glance. */
function totalLine(board: Board, { width, now, begun }: Screen): string[] {
  const { done, total, word } = board.count();
  if (total < 4) return [];
  const text = `${done} of ${total} ${word}  ${formatSeconds((now - begun) / 1000)}`;
  const room = Math.min(30, width - text.length - 4);
  if (room < 5) return [truncate(text, width - 1)];
  const { bar, rest } = symbols();
  const full = Math.round((done / total) * room);
  const drawn = paint("green", bar.repeat(full), "stderr") + dim(rest.repeat(room - full));
  return [`${drawn}  ${text}`];
}

function dim(text: string): string {
  return paint("dim", text, "stderr");
}
