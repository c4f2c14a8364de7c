import { ReynsError } from "../../errors.ts";

const secondsPerUnit = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

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
