import { isTerminal, terminalWidth } from "./style.ts";
import { widthOf } from "./width.ts";

/** Breaks a text between words into lines of at most `width` characters; a longer word has a line of its own. */
export function wrapText(text: string, width: number): string[] {
  if (widthOf(text) <= width) return text.split("\n");
  const [indent = ""] = /^ */.exec(text) ?? [];
  return Bun.wrapAnsi(text.trimStart(), Math.max(1, width - indent.length))
    .split("\n")
    .map((line) => indent + line);
}

/** A message on standard error: on a terminal its lines end between words, and all but the first are indented. */
export function wrapMessage(text: string, indent: number): string {
  if (!isTerminal("stderr")) return text;
  const lines = text
    .split("\n")
    .flatMap((line) => wrapText(line, terminalWidth("stderr") - indent));
  return lines.join(`\n${" ".repeat(indent)}`);
}
