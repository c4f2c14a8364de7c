import { styleText } from "node:util";

type Stream = NodeJS.WriteStream;
type Format = Parameters<typeof styleText>[0];

/** Whether a stream shows colours: a terminal that is not dumb, and nobody who said NO_COLOR. */
function hasColours(stream: Stream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "0") return true;
  return stream.isTTY && TERM !== "dumb";
}

/** Colours carry meaning only; without them the text says the same. */
export function paint(format: Format, text: string, stream: Stream): string {
  return hasColours(stream) ? styleText(format, text, { validateStream: false }) : text;
}

/** Characters in a line of the stream's terminal. */
export function widthOf(stream: Stream): number {
  return stream.isTTY ? stream.columns || 80 : 80;
}

/** True when lines may be redrawn: a real terminal, not a CI's. */
export function isLive(stream: Stream): boolean {
  return stream.isTTY && process.env["TERM"] !== "dumb" && !process.env["CI"];
}

/** Shortens a text to a width, with an ellipsis. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** "0.4s", "12s", "2m 5s" */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  return seconds < 60
    ? `${Math.round(seconds)}s`
    : `${Math.floor(seconds / 60)}m ${Math.round(seconds % 60)}s`;
}

/** Age in its largest unit: "12 s", "5 min", "3 h", "2 d". */
export function formatAge(seconds: number): string {
  const units = [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ] as const;
  const [size, unit] = units.find(([length]) => seconds >= length) ?? [1, "s"];
  return `${Math.max(0, Math.floor(seconds / size))} ${unit}`;
}
