/** Compares strings by character codes, so that the order does not depend on the user's locale. */
export function compareStrings(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}
