/**
 * Lists the first names and the number of the others.
 *
 * @example
 * summarizeList(["a", "b", "c"], 2) // "a, b and 1 more"
 */
export function summarizeList(names: readonly string[], limit: number): string {
  const shown = names.slice(0, limit).join(", ");
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}
