/** The words of a command line up to the cursor, without their quotes. */
export interface TypedLine {
  /** Those that are complete, the executable's name first. */
  readonly words: readonly string[];
  /** The one at the cursor; empty after a space. */
  readonly current: string;
  /** The quote that is open at the cursor. */
  readonly quote: '"' | "'" | undefined;
  /** Where in `current` the part begins that the shell replaces. */
  readonly from: number;
}

/**
 * Takes a line apart as a shell does, half a line too: quotes may be open.
 *
 * @param breaks characters at which the shell begins another part to be completed: bash's COMP_WORDBREAKS
 * @example
 * typedLine('reyns run:de', ":=")
 * // { words: ["reyns"], current: "run:de", from: 4, quote: undefined }
 * @see https://www.gnu.org/software/bash/manual/html_node/Quoting.html
 */
export function typedLine(line: string, breaks = ""): TypedLine {
  const words: string[] = [];
  let [current, quote, from, isWord] = ["", undefined as TypedLine["quote"], 0, false];
  for (let index = 0; index < line.length; index += 1) {
    const char = line.charAt(index);
    if (quote === undefined && /\s/.test(char)) {
      if (isWord) words.push(current);
      [current, from, isWord] = ["", 0, false];
      continue;
    }
    isWord = true;
    if (isEscape(char, line.charAt(index + 1), quote)) {
      index += 1;
      current += line.charAt(index);
    } else if (quote === undefined && (char === '"' || char === "'")) {
      quote = char;
      from = current.length;
    } else if (char === quote) quote = undefined;
    else {
      current += char;
      if (quote === undefined && breaks.includes(char)) from = current.length;
    }
  }
  return { words, current, quote, from };
}

/** Between double quotes a backslash escapes only what would mean something there, between single ones nothing. */
function isEscape(char: string, next: string, quote: TypedLine["quote"]): boolean {
  if (char !== "\\" || next === "" || quote === "'") return false;
  return quote === undefined || '"\\$`'.includes(next);
}
