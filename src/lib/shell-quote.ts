/**
 * A word as a POSIX shell has to see it.
 *
 * @example
 * shellWord("it's") // "'it'\\''s'"
 */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
