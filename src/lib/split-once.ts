/**
 * A text before and after the first of a mark; all of it and nothing where there is none.
 *
 * @example
 * splitAt("A=b=c", "=") // ["A", "b=c"]
 */
export function splitOnce(text: string, mark: string): [string, string] {
  const index = text.indexOf(mark);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + mark.length)];
}
