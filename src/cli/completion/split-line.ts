/** A command line up to the cursor, split into words without their quotes. */
export interface TypedLine {
  /** The complete words, the executable's name first. */
  readonly words: readonly string[];
  /** The word at the cursor; empty after a space. */
  readonly current: string;
  /** The open quote at the cursor. */
  readonly quote: '"' | "'" | undefined;
  /** Index in `current` of the part that the shell replaces. */
  readonly from: number;
}

/**
 * Splits a line as a shell does. The line may be incomplete: quotes may be open.
 *
 * @param breaks characters after which the shell completes a new part: bash's COMP_WORDBREAKS
 * @example
 * typedLine('reyns run:de', ":=")
 * // { words: ["reyns"], current: "run:de", from: 4, quote: undefined }
 * @see https://www.gnu.org/software/bash/manual/html_node/Quoting.html
 */
export function splitLine(line: string, breaks = ""): TypedLine {
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

/** In double quotes a backslash escapes only special characters, in single quotes nothing. */
function isEscape(char: string, next: string, quote: TypedLine["quote"]): boolean {
  if (char !== "\\" || next === "" || quote === "'") return false;
  return quote === undefined || '"\\$`'.includes(next);
}
