import type { styleText } from "node:util";

export type TextStyle = Parameters<typeof styleText>[0];

export type StandardStream = "stdout" | "stderr";

/** What `isatty` of `node:tty` calls; that module loads all streams, which takes as long as the rest of the start. */
interface TtyBinding {
  readonly isTTY: (descriptor: number) => boolean;
}

const descriptors = { stdin: 0, stdout: 1, stderr: 2 } as const;

export function isTerminal(stream: StandardStream | "stdin"): boolean {
  const { binding } = process as unknown as { binding: (name: "tty_wrap") => TtyBinding };
  return binding("tty_wrap").isTTY(descriptors[stream]);
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
  if (!hasColours(stream)) return text;
  return process.getBuiltinModule("node:util").styleText(style, text, { validateStream: false });
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
