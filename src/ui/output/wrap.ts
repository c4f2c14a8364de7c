import { isTerminal, widthOf } from "./style.ts";

/** A text in lines of at most `width` characters, where its words are no longer than that. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A message on standard error: on a terminal its lines end between words, and all but the first are indented. */
export function flowing(text: string, indent: number): string {
  if (!isTerminal("stderr")) return text;
  const lines = text.split("\n").flatMap((line) => wrapped(line, widthOf("stderr") - indent));
  return lines.join(`\n${" ".repeat(indent)}`);
}
