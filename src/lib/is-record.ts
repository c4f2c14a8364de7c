/** An object that is no list: a list would pass as one with the keys 0, 1, … */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
