/** Orders texts by their characters' codes: names are ASCII, and their order must not depend on a user's locale. */
export function compareStrings(one: string, other: string): number {
  return Number(one > other) - Number(one < other);
}
