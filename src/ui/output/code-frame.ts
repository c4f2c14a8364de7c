import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Place } from "../../errors.ts";

/**
 * The line of a user's file that a place means, with a mark below the word: at most `width` characters wide. None
 * without a column, and none of `host.conf`, which may hold secrets.
 *
 * @example
 * excerptOf({ file: "reyns.ts", line: 3, column: 9 }, 80) // ["3 | service(\"wbe\");", "  |         ^^^^^"]
 */
export function excerptOf({ file, line, column }: Place, width: number): string[] {
  if (line === undefined || column === undefined || basename(file) === "host.conf") return [];
  const text = lineOf(file, line)?.replace(/\p{Cc}/gu, " ");
  if (text === undefined || text.trim() === "" || column > text.length + 1) return [];
  const number = String(line);
  const { shown, from } = window(text, column - 1, Math.max(width - number.length - 3, 20));
  const word = /^(?:"[^"]*"|'[^']*'|[\w$]+|.?)/.exec(text.slice(column - 1))?.[0] ?? "";
  const mark = "^".repeat(Math.max(1, Math.min(word.length, shown.length - (column - 1 - from))));
  return [
    `${number} | ${shown}`,
    `${" ".repeat(number.length)} | ${" ".repeat(column - 1 - from)}${mark}`,
  ];
}

function lineOf(file: string, line: number): string | undefined {
  try {
    return readFileSync(file, "utf8").split(/\r?\n/)[line - 1];
  } catch {
    return undefined;
  }
}

/** What fits of a long line: its beginning, or what is around the place. */
function window(text: string, at: number, width: number): { shown: string; from: number } {
  const from = at < width - 10 ? 0 : at - Math.floor(width / 3);
  return { shown: text.slice(from, from + width).trimEnd(), from };
}
