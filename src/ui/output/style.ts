import type { Stats } from "node:fs";
import type { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Where a text goes. By name, because a look at `process.stdout` itself costs 8 ms, which `console.log` does not. */
export type Output = "stdout" | "stderr";

const terminals = new Map<Output, boolean>();

/** Asked once: it stays what it is. */
export function isTerminal(output: Output): boolean {
  const known = terminals.get(output);
  if (known !== undefined) return known;
  const found = looksLikeTerminal(output === "stdout" ? 1 : 2);
  terminals.set(output, found);
  return found;
}

/**
 * Finds out beforehand what is no terminal, with what Bun has already: else `node:fs` is loaded, which takes a
 * millisecond.
 */
export async function lookAtOutput(output: Output): Promise<void> {
  if (terminals.has(output)) return;
  const [device, nothing] = await Promise.all([statOf(Bun[output]), statOf(Bun.file("/dev/null"))]);
  if (!device?.isCharacterDevice() || device.rdev === nothing?.rdev) terminals.set(output, false);
}

function statOf(file: Bun.BunFile): Promise<Stats | undefined> {
  return file.stat().catch(() => undefined);
}

/** Only a device can be one, and not that which swallows everything; the rest knows `node:tty`, which takes 2 ms to load. */
function looksLikeTerminal(descriptor: number): boolean {
  const { fstatSync, statSync } = process.getBuiltinModule("node:fs");
  try {
    const device = fstatSync(descriptor);
    if (!device.isCharacterDevice()) return false;
    if (device.rdev === statSync("/dev/null", { throwIfNoEntry: false })?.rdev) return false;
  } catch {
    // Closed.
    return false;
  }
  return process.getBuiltinModule("node:tty").isatty(descriptor);
}

/** Whether colours are shown: on a terminal that is not dumb, and unless somebody said NO_COLOR. */
export function hasColours(output: Output): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "0") return true;
  return isTerminal(output) && TERM !== "dumb";
}

/** Colours carry meaning only; without them the text says the same. */
export function paint(format: Format, text: string, output: Output): string {
  if (!hasColours(output)) return text;
  return process.getBuiltinModule("node:util").styleText(format, text, { validateStream: false });
}

/** Characters in a line of the terminal; 80 where there is none. */
export function widthOf(output: Output): number {
  return isTerminal(output) ? process[output].columns || 80 : 80;
}

/** Lines of the terminal; 24 where there is none. */
export function heightOf(output: Output): number {
  return isTerminal(output) ? process[output].rows || 24 : 24;
}

/** Whether box characters and the like are shown: unless the locale says that it has none (locale(7)). */
function isUnicode(): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  const locale = LC_ALL || LC_CTYPE || LANG;
  return !locale || /utf-?8/i.test(locale);
}

const unicode = {
  done: "✓",
  failed: "✗",
  dots: "·",
  ellipsis: "…",
  bar: "━",
  rest: "─",
  tee: "├─",
  end: "└─",
  pipe: "│",
  arrows: { link: "─▶", after: "╌▶", dns: "┈▶" },
  frames: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
} as const;

const ascii = {
  done: "+",
  failed: "x",
  dots: ".",
  ellipsis: "~",
  bar: "=",
  rest: "-",
  tee: "|-",
  end: "`-",
  pipe: "|",
  arrows: { link: "->", after: "~>", dns: ".>" },
  frames: ["|", "/", "-", "\\"],
} as const;

/** Marks and signs, in what the locale has. */
export function symbols(): typeof unicode | typeof ascii {
  return isUnicode() ? unicode : ascii;
}

/** True when lines may be redrawn: a real terminal, not a CI's. */
export function isLive(output: Output): boolean {
  return isTerminal(output) && process.env["TERM"] !== "dumb" && !process.env["CI"];
}

/** Shortens a text to a width, with an ellipsis. */
export function clip(text: string, width: number): string {
  if (text.length <= width) return text;
  const { ellipsis } = symbols();
  return `${text.slice(0, Math.max(0, width - ellipsis.length))}${ellipsis}`;
}

/** "0.4s", "12s", "2m 5s" */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m ${whole % 60}s`;
}

/** Age in its largest unit: "12 s", "5 min", "3 h", "2 d". */
export function formatAge(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole >= 86_400) return `${Math.floor(whole / 86_400)} d`;
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h`;
  if (whole >= 60) return `${Math.floor(whole / 60)} min`;
  return `${whole} s`;
}
