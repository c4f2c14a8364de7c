import type { TextRange } from "./source-node.ts";

interface SplitCommand {
  /** The pieces of each word; undefined if the command is not well-formed. */
  readonly words: readonly (readonly TextRange[])[] | undefined;
  /** Where Compose stops to read: at a character that means something to a shell. */
  readonly end: number;
}

interface Splitting {
  quote: "" | '"' | "'" | "`" | "(";
  word: TextRange[] | undefined;
  readonly words: TextRange[][];
}

/**
 * Splits a command in a text into words as Compose does: blanks separate, quotation marks group, a backslash takes the
 * next character as it is. There is no shell: nothing behind `;`, `&`, `|`, `<` or `>` is read.
 */
export function splitCommand(text: string): SplitCommand {
  const state: Splitting = { quote: "", word: undefined, words: [] };
  let index = 0;
  for (; index < text.length; index += 1) {
    const character = text[index] ?? "";
    if (character === "\\" && state.quote !== "'") {
      index += 1;
      if (index >= text.length) return { words: undefined, end: text.length };
      push(state, { start: index, end: index + 1 });
    } else if (/\s/.test(character)) {
      if (state.quote === "") endWord(state);
      else push(state, { start: index, end: index + 1 });
    } else if (state.quote === "" && /[;&|<>]/.test(character)) {
      // A number before ">" names a file descriptor.
      if (character === ">" && startsWithDigit(text, state)) state.word = undefined;
      break;
    } else if (!takeMark(state, character, index, text)) return { words: undefined, end: index };
  }
  endWord(state);
  return { words: state.quote === "" ? state.words : undefined, end: index };
}

function push(state: Splitting, piece: TextRange): void {
  state.word ??= [];
  const last = state.word.at(-1);
  if (last?.end === piece.start) state.word.splice(-1, 1, { start: last.start, end: piece.end });
  else state.word.push(piece);
}

function endWord(state: Splitting): void {
  if (state.word) state.words.push(state.word);
  state.word = undefined;
}

function startsWithDigit(text: string, { word }: Splitting): boolean {
  const [first] = word ?? [];
  return first !== undefined && /\d/.test(text[first.start] ?? "");
}

/** False for a bracket where none may stand. */
function takeMark(state: Splitting, character: string, index: number, text: string): boolean {
  const { quote } = state;
  const isQuotation = character === '"' || character === "'";
  if (isQuotation && (quote === "" || quote === "`" || quote === character)) {
    state.word ??= [];
    state.quote = quote === character ? "" : character;
    return true;
  }
  if (character === "`" && (quote === "" || quote === "`")) state.quote = quote === "`" ? "" : "`";
  if (character === "(" && (quote === "" || quote === "(")) {
    if (quote === "(" || text[index - 1] !== "$") return false;
    state.quote = "(";
  } else if (character === ")" && (quote === "" || quote === "(")) {
    if (quote === "") return false;
    state.quote = "";
  }
  push(state, { start: index, end: index + 1 });
  return true;
}
