import { basename, relative } from "node:path";
import type { Place } from "../../errors.ts";
import { readRegularFile } from "../../lib/read-regular-file.ts";

/** `file:line:column`, relative to the working directory, as editors and terminals recognize it. */
export function formatPlace({ file, line, column }: Omit<Place, "path">): string {
  const path = relative(process.cwd(), file);
  const shown = path.startsWith("..") || path === "" ? file : path;
  return [shown, line, column].filter((part) => part !== undefined).join(":");
}

/**
 * The line of a user's file at a place, with a mark below the word: at most `width` characters wide. Empty without a
 * column, and for `host.conf`, which may hold secrets.
 *
 * @example
 * codeFrame({ file: "reyns.ts", line: 3, column: 9 }, 80) // ["3 | service(\"wbe\");", "  |         ^^^^^"]
 */
export function codeFrame({ file, line, column }: Place, width: number): string[] {
  if (line === undefined || column === undefined || basename(file) === "host.conf") return [];
  const text = readLine(file, line)?.replace(/[\p{Cc}\p{Bidi_Control}]/gu, " ");
  if (text === undefined || text.trim() === "" || column > text.length + 1) return [];
  const number = String(line);
  const { shown, from } = visiblePart(text, column - 1, Math.max(width - number.length - 3, 20));
  const word = /^(?:"[^"]*"|'[^']*'|[\w$]+|.?)/.exec(text.slice(column - 1))?.[0] ?? "";
  const mark = "^".repeat(Math.max(1, Math.min(word.length, shown.length - (column - 1 - from))));
  return [
    `${number} | ${shown}`,
    `${" ".repeat(number.length)} | ${" ".repeat(column - 1 - from)}${mark}`,
  ];
}

function readLine(file: string, line: number): string | undefined {
  try {
    return readRegularFile(file).toString().split(/\r?\n/)[line - 1];
  } catch {
    return undefined;
  }
}

/** The beginning of a long line, or the part around a place further on. */
function visiblePart(text: string, at: number, width: number): { shown: string; from: number } {
  const from = at < width - 10 ? 0 : at - Math.floor(width / 3);
  return { shown: text.slice(from, from + width).trimEnd(), from };
}
