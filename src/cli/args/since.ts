import { ReynsError } from "../../errors.ts";
import { parseDuration as parseNanoseconds } from "../../project/compose/quantities.ts";

/** A date far enough away for everything, and one that JavaScript still has. */
const longest = 1e11;

/**
 * How long something lasts, in seconds: "90s", "10m", "1h30m", "3d".
 *
 * @throws ReynsError INVALID_VALUE
 */
export function parseDuration(text: string, key: string): number {
  const seconds = secondsOf(text) ?? 0;
  if (seconds > 0 && seconds < longest) return seconds;
  throw new ReynsError("INVALID_VALUE", `${key} is "${text}"`, {
    hint: "accepted: a time such as 90s, 10m, 1h30m, 3d",
  });
}

/** Go's durations, and those of days. One with a sign is none: "-5m" would be an age in the future. */
function secondsOf(text: string): number | undefined {
  const nanoseconds = /^[\d.]/.test(text) ? parseNanoseconds(text) : undefined;
  return nanoseconds === undefined || text === "0" ? undefined : nanoseconds / 1e9;
}

/**
 * A point in time as seconds since 1970, from an age ("90s", "10m", "1h30m", "1d"), a date or a Unix timestamp.
 *
 * @throws ReynsError INVALID_VALUE
 */
export function parseSince(text: string, now: number, key = "since"): number {
  const age = secondsOf(text);
  if (age !== undefined) return Math.max(0, Math.floor(Math.floor(now / 1000) - age));
  // A shorter number would be a time before 1973: a unit is missing.
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Math.floor(Number(text));
  // Date.parse alone accepts nearly anything: it reads "90" as the year 1990.
  const date = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(date)) return Math.floor(date / 1000);
  throw new ReynsError("INVALID_VALUE", `${key} is "${text}"`, {
    hint: "accepted: an age such as 90s, 10m, 1h30m, 1d, a date such as 2026-01-31T12:00, or a Unix timestamp such as 1769860800",
  });
}
