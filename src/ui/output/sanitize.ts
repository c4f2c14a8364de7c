/** What a terminal obeys instead of showing it (ECMA-48: C0, DEL and C1), but for the ends of lines and tabulators. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\0-\u0008\u000B-\u001F\u007F-\u009F]/g;

/**
 * A text as it may stand on a terminal, whoever wrote it: what it would do there goes. A container's output, a record
 * of the DNS and another one's label could move the cursor, hide lines, or set a title.
 *
 * @example
 * harmless("\u001B[2Jdone\u0007") // "done\\x07"
 */
export function harmless(text: string): string {
  // Nearly all texts; every sequence begins with a control character.
  if (text.search(control) < 0) return text;
  // Loaded when it is needed, as it takes 1 ms.
  const { stripVTControlCharacters } = process.getBuiltinModule("node:util");
  return stripVTControlCharacters(text.replaceAll("\r", "")).replace(control, numbered);
}

function numbered(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
