import { styleText } from "node:util";

export type TextStyle = Parameters<typeof styleText>[0];

export type StandardStream = "stdout" | "stderr";

export function isTerminal(stream: StandardStream): boolean {
  // Takes 2.5 ms to load, a third of the time of `reyns version`, which does not need it.
  const { isatty } = process.getBuiltinModule("node:tty");
  return isatty(stream === "stdout" ? 1 : 2);
}

/** Whether colours are shown: on a terminal that is not dumb, unless NO_COLOR or FORCE_COLOR is set. */
export function hasColours(stream: StandardStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "0") return true;
  return isTerminal(stream) && TERM !== "dumb";
}

/** Adds colour where colours are shown. The text has to say the same without it. */
export function paint(style: TextStyle, text: string, stream: StandardStream): string {
  return hasColours(stream) ? styleText(style, text, { validateStream: false }) : text;
}

/** Columns of the terminal; 80 where there is none. */
export function terminalWidth(stream: StandardStream): number {
  return isTerminal(stream) ? process[stream].columns || 80 : 80;
}

/** Lines of the terminal; 24 where there is none. */
export function terminalHeight(stream: StandardStream): number {
  return isTerminal(stream) ? process[stream].rows || 24 : 24;
}

/** Whether lines can be redrawn: on a real terminal, not in CI. */
export function isLive(stream: StandardStream): boolean {
  return isTerminal(stream) && process.env["TERM"] !== "dumb" && !process.env["CI"];
}
