import { ReynsError } from "../../errors.ts";

const secondsPerUnit = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/**
 * How long something lasts, in seconds: "90s", "10m", "2h", "3d".
 *
 * @throws ReynsError INVALID_VALUE
 */
export function parseDuration(text: string, key: string): number {
  const seconds = durationOf(text);
  if (seconds !== undefined && seconds > 0) return seconds;
  throw new ReynsError("INVALID_VALUE", `${key} is "${text}"`, {
    hint: "accepted: a time such as 90s, 10m, 2h, 3d",
  });
}

function durationOf(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * secondsPerUnit[unit as keyof typeof secondsPerUnit];
}

/**
 * A point in time as seconds since 1970, from an age ("90s", "10m", "2h", "1d") or a date.
 *
 * @throws ReynsError INVALID_VALUE
 */
export function parseSince(text: string, now: number, key = "since"): number {
  const age = /^(\d+)([smhd])$/.exec(text);
  if (age) {
    const unit = secondsPerUnit[age[2] as keyof typeof secondsPerUnit];
    return Math.max(0, Math.floor(now / 1000) - Number(age[1]) * unit);
  }
  // Date.parse alone accepts nearly anything: it reads "90" as the year 1990.
  const date = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(date)) return Math.floor(date / 1000);
  throw new ReynsError("INVALID_VALUE", `${key} is "${text}"`, {
    hint: "accepted: an age such as 90s, 10m, 2h, 1d, or a date such as 2026-01-31T12:00",
  });
}
