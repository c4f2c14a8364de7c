/**
 * The first names of a list, and how many more there are.
 *
 * @example
 * someOf(["a", "b", "c"], 2) // "a, b and 1 more"
 */
export function summarizeList(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
