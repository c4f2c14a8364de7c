/**
 * Splits a string at the first separator; the second part is empty if there is none.
 *
 * @example
 * splitOnce("A=b=c", "=") // ["A", "b=c"]
 */
export function splitOnce(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + separator.length)];
}
