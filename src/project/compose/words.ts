import type { TextRange } from "./source-node.ts";

interface SplitCommand {
  /** The pieces of each word; undefined if the command is not well-formed. */
  readonly words: readonly (readonly TextRange[])[] | undefined;
  /** Where Compose stops to read: at a character that means something to a shell. */
  readonly end: number;
}

interface Splitting {
  quote: "" | '"' | "'";
  /** Inside of a substitution, which stays as it is: there is no shell to run it. */
  substitution: "" | "`" | "(";
  word: TextRange[] | undefined;
  readonly words: TextRange[][];
}

/**
 * Splits a command in a text into words as Compose does: blanks separate, quotation marks group, a backslash takes the
 * next character as it is. There is no shell: nothing behind `;`, `&`, `|`, `<` or `>` is read.
 */
export function splitCommand(text: string): SplitCommand {
  const state: Splitting = { quote: "", substitution: "", word: undefined, words: [] };
  let index = 0;
  for (; index < text.length; index += 1) {
    const character = text[index] ?? "";
    const isOpen = state.quote !== "" || state.substitution !== "";
    if (character === "\\" && state.quote !== "'") {
      index += 1;
      if (index >= text.length) return { words: undefined, end: text.length };
      push(state, index);
    } else if (/\s/.test(character)) {
      if (isOpen) push(state, index);
      else endWord(state);
    } else if (!isOpen && /[;&|<>]/.test(character)) {
      // A number before ">" names a file descriptor.
      if (character === ">" && startsWithDigit(text, state)) state.word = undefined;
      break;
    } else if (!takeMark(state, character, index, text)) return { words: undefined, end: index };
  }
  endWord(state);
  const isClosed = state.quote === "" && state.substitution === "";
  return { words: isClosed ? state.words : undefined, end: index };
}

function push(state: Splitting, index: number): void {
  state.word ??= [];
  const last = state.word.at(-1);
  if (last?.end === index) state.word.splice(-1, 1, { start: last.start, end: index + 1 });
  else state.word.push({ start: index, end: index + 1 });
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
  const { quote, substitution } = state;
  const isQuotation = character === '"' || character === "'";
  if (isQuotation && substitution !== "(" && (quote === "" || quote === character)) {
    state.word ??= [];
    state.quote = quote === "" ? character : "";
    return true;
  }
  if (quote === "" && !takeSubstitution(state, character, text[index - 1])) return false;
  push(state, index);
  return true;
}

function takeSubstitution(
  state: Splitting,
  character: string,
  before: string | undefined,
): boolean {
  const { substitution } = state;
  if (character === "`" && substitution !== "(")
    state.substitution = substitution === "" ? "`" : "";
  if (character === "(" && substitution !== "`") {
    if (substitution === "(" || before !== "$") return false;
    state.substitution = "(";
  }
  if (character === ")" && substitution !== "`") {
    if (substitution === "") return false;
    state.substitution = "";
  }
  return true;
}
