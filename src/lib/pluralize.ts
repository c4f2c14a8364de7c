/**
 * A number with its noun.
 *
 * @example
 * pluralize(3, "route") // "3 routes"
 */
export function pluralize(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
