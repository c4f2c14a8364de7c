/** Decimal numbers that are within the range of permissions, and meant as octal ones. */
const meantAsOctal: ReadonlySet<unknown> = new Set([400, 440, 444]);

/**
 * Reads the permissions of a file: a number such as `0o640`, or octal digits such as `"0640"`.
 *
 * @returns undefined when it is neither; a decimal `640` is no number of permissions, and meant as an octal one
 */
export function parseFileMode(given: unknown): number | undefined {
  if (typeof given === "string")
    return /^0?o?[0-7]{1,3}$/.test(given) ? Number.parseInt(given.replace("o", ""), 8) : undefined;
  if (typeof given !== "number" || !Number.isInteger(given) || meantAsOctal.has(given))
    return undefined;
  // Without the sign of -0.
  return given >= 0 && given <= 0o777 ? Math.abs(given) : undefined;
}

/** `0640` */
export function fileModeText(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
