/**
 * Quotes a word for a POSIX shell, if necessary.
 *
 * @example
 * shellQuote("it's") // "'it'\\''s'"
 */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
