/**
 * Quotes a word for a POSIX shell, if necessary.
 *
 * @example
 * shellQuote("it's") // "'it'\\''s'"
 */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * Whether a shell can hold a variable of this name. Many shells drop others, such as "discovery.type", from the
 * environment of the programs that they run.
 */
export function isShellName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}
