import type { RuntimeEvent } from "../../runtime/events.ts";
import { isBringUp, type Step } from "../../model/steps.ts";
import { summarizeList } from "../../lib/summarize-list.ts";
import { truncate, formatSeconds, paint, symbols } from "../output/style.ts";
import type { Board, BoardEntry } from "./board.ts";

const stderr = "stderr";

const verbs: Readonly<Record<Step["kind"], { doing: string; done: string }>> = {
  "root-image": { doing: "making", done: "made" },
  "build-image": { doing: "building", done: "built" },
  "pull-image": { doing: "pulling", done: "pulled" },
  "tag-image": { doing: "tagging", done: "tagged" },
  "create-network": { doing: "creating", done: "created" },
  "start-instance": { doing: "starting", done: "ready" },
  "restart-instance": { doing: "starting", done: "ready" },
  "await-instance": { doing: "waiting", done: "ready" },
  "stop-instance": { doing: "stopping", done: "stopped" },
  "remove-instance": { doing: "removing", done: "removed" },
  "remove-network": { doing: "removing", done: "removed" },
  "remove-data": { doing: "removing", done: "removed" },
  "remove-volume": { doing: "removing", done: "removed" },
  "keep-leases": { doing: "updating", done: "updated" },
  "remove-keeper": { doing: "removing", done: "removed" },
};

/** The line that stays when a step is over, if it is worth one. */
export function permanentLine(event: RuntimeEvent): string | undefined {
  if (event.kind === "finished") return shouldLog(event) ? finishedLine(event) : undefined;
  if (event.kind === "failed") {
    const seconds = paint("dim", formatSeconds(event.seconds), stderr);
    return `${paint("red", symbols().failed, stderr)} ${event.step.title} failed  ${seconds}`;
  }
  if (event.kind === "interrupted")
    return paint(
      "dim",
      `- ${event.step.title} interrupted  ${formatSeconds(event.seconds)}`,
      stderr,
    );
  // Of instances the error says it, of all at once.
  if (event.kind === "skipped" && !("host" in event.step))
    return paint("dim", `- ${event.step.title} not begun`, stderr);
  return undefined;
}

/** That what runs is ready as well is said before, and the keeper is nobody's errand. */
const quietKinds: ReadonlySet<Step["kind"]> = new Set([
  "await-instance",
  "keep-leases",
  "remove-keeper",
]);

/** Steps whose note is what became of them, instead of what is usually done. */
const outcomeKinds: ReadonlySet<Step["kind"]> = new Set(["build-image", "remove-network"]);

function shouldLog({ step, seconds }: Extract<RuntimeEvent, { kind: "finished" }>): boolean {
  return !quietKinds.has(step.kind) || seconds > 1;
}

function finishedLine({
  step,
  seconds,
  note,
}: Extract<RuntimeEvent, { kind: "finished" }>): string {
  const mark = paint("green", symbols().done, stderr);
  const [done, more] =
    outcomeKinds.has(step.kind) && note !== undefined ? [note] : [verbs[step.kind].done, note];
  const rest = [more, formatSeconds(seconds)].filter((part) => part !== undefined).join("  ");
  return `${mark} ${step.title} ${done}  ${paint("dim", rest, stderr)}`;
}

/** Where a running step is: an instance's phase, or what another step works on. */
export function currentPhase({ step, note }: BoardEntry): string {
  const { doing } = verbs[step.kind];
  if (note === undefined) return doing;
  const text = note.replace(/\s+/g, " ");
  return isBringUp(step) ? text : `${doing}: ${text}`;
}

/** "3.2s"; what has a deadline and takes long shows it: "12s of 60s". */
export function formatElapsed({ step, since }: BoardEntry, now: number): string {
  const seconds = (now - since) / 1000;
  const limit = isBringUp(step) && seconds >= 10 ? ` of ${step.timeout}s` : "";
  return `${formatSeconds(seconds)}${limit}`;
}

export interface ScreenView {
  /** Of the terminal, in characters and lines. */
  readonly width: number;
  readonly height: number;
  readonly now: number;
  /** When the whole began. */
  readonly begun: number;
  /** Counts the redraws. */
  readonly frame: number;
}

interface ProgressRow {
  readonly mark: string;
  readonly title: string;
  readonly text: string;
  readonly elapsed: string;
  readonly dim: boolean;
}

/**
 * What is redrawn in place: a line for each running step, then those that wait, as many as fit the terminal; the rest as
 * one line, and how far the whole is.
 */
export function liveLines(board: Board, view: ScreenView): string[] {
  const { width, height, now, frame } = view;
  const [running, pending] = [board.running(), board.pending()];
  if (running.length + pending.length === 0) return [];
  const { dots, frames } = symbols();
  const mark = frames[frame % frames.length] ?? "";
  const rows = [
    ...running.map((entry): ProgressRow => ({
      mark,
      title: entry.step.title,
      text: currentPhase(entry),
      elapsed: formatElapsed(entry, now),
      dim: false,
    })),
    ...pending.map((entry): ProgressRow => ({
      mark: dots,
      title: entry.step.title,
      text: formatWaiting(board.waitsFor(entry)),
      elapsed: "",
      dim: true,
    })),
  ];
  const total = totalLine(board, view);
  // One line stays free for the cursor, one for what scrolls away above.
  const room = Math.max(1, height - 2 - total.length);
  const fits = rows.length <= room;
  const shown = rows.slice(0, fits ? room : Math.max(1, room - 1));
  const rest = fits ? [] : [restLine(rows.slice(shown.length), width)];
  return [...alignRows(shown, width), ...rest, ...total];
}

/** Titles in a column, then the texts, then the times; what is too wide is shortened. */
function alignRows(rows: readonly ProgressRow[], width: number): string[] {
  const widest = (texts: readonly string[]): number =>
    Math.max(0, ...texts.map(({ length }) => length));
  const timed = rows.filter(({ dim }) => !dim);
  const titles = Math.min(widest(rows.map(({ title }) => title)), Math.floor(width * 0.45));
  const times = widest(timed.map(({ elapsed }) => elapsed));
  // A mark and a blank, two blanks between, one column free at the end.
  const room = Math.max(0, width - titles - times - 7);
  const texts = Math.min(widest(timed.map(({ text }) => text)), room);
  return rows.map(({ mark, title, text, elapsed, dim }) => {
    const name = truncate(title, titles).padEnd(titles);
    if (dim) return paint("dim", truncate(`${mark} ${name}  ${text}`, width - 1), stderr);
    const words = `${name}  ${truncate(text, texts).padEnd(texts)}`;
    const line = `${mark} ${words}  ${elapsed}`;
    if (line.length >= width) return truncate(line, width - 1);
    return `${paint("cyan", mark, stderr)} ${words}  ${paint("dim", elapsed, stderr)}`;
  });
}

function formatWaiting(titles: readonly string[]): string {
  if (titles.length === 0) return "waits for its turn";
  return `waits for ${summarizeList(titles, 3)}`;
}

function restLine(rows: readonly ProgressRow[], width: number): string {
  const waiting = rows.filter(({ dim }) => dim).length;
  const parts = [
    ...(rows.length > waiting ? [`${rows.length - waiting} more under way`] : []),
    ...(waiting > 0 ? [`${waiting} more waiting`] : []),
  ];
  return paint("dim", truncate(`  ${parts.join(", ")}`, width - 1), stderr);
}

/** How far the whole is; no line for a few steps, which are seen at a glance. */
function totalLine(board: Board, { width, now, begun }: ScreenView): string[] {
  const { over, all, word } = board.count();
  if (all < 4) return [];
  const text = `${over} of ${all} ${word}  ${formatSeconds((now - begun) / 1000)}`;
  const room = Math.min(30, width - text.length - 4);
  if (room < 5) return [truncate(text, width - 1)];
  const { bar, rest } = symbols();
  const full = Math.round((over / all) * room);
  const drawn =
    paint("green", bar.repeat(full), stderr) + paint("dim", rest.repeat(room - full), stderr);
  return [`${drawn}  ${text}`];
}
