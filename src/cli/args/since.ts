import { ReynsError } from "../../errors.ts";

const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/**
 * A point in time as seconds since 1970, from an age ("90s", "10m", "2h", "1d") or a date.
 *
 * @throws ReynsError INVALID_VALUE
 */
export function sinceSeconds(text: string, now: number): number {
  const age = /^(\d+)([smhd])$/.exec(text);
  if (age) {
    const since = Math.floor(now / 1000) - Number(age[1]) * seconds[age[2] as keyof typeof seconds];
    return Math.max(0, since);
  }
  // Date.parse alone takes nearly anything: "90" is the year 1990 to it.
  const date = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(date)) return Math.floor(date / 1000);
  throw new ReynsError("INVALID_VALUE", `since is "${text}"`, {
    hint: "accepted: an age such as 90s, 10m, 2h, 1d, or a date such as 2026-01-31T12:00",
  });
}
