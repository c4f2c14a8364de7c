const sizeUnits = ["", "k", "m", "g", "t", "p"];

/** A size in bytes: "1.5g", "64MB", "1024"; undefined if it is none. */
export function parseByteSize(text: string): number | undefined {
  if (/^-?\d+$/.test(text)) return Number(text);
  const [, digits = "", unit = ""] =
    /^(\d+(?:\.\d*)?|\.\d+) ?([kmgtp]?)(?:i?b)?$/i.exec(text) ?? [];
  if (digits === "") return undefined;
  return Math.floor(Number(digits) * 1024 ** sizeUnits.indexOf(unit.toLowerCase()));
}

/** In nanoseconds. */
const durationUnits: Readonly<Record<string, number>> = {
  ...{ ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 },
  ...{ d: 24 * 3600e9, w: 7 * 24 * 3600e9 },
};

/** Nanoseconds of a duration such as "1m30s" or "1.5h"; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const [, sign = "", rest = ""] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (rest === "0") return 0;
  if (!/^((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w))+$/.test(rest)) return undefined;
  const parts = rest.matchAll(/([\d.]+)([^\d.]+)/g);
  const total = Array.from(parts, ([, digits = "", unit = ""]) =>
    Math.trunc(Number(digits) * (durationUnits[unit] ?? 0)),
  ).reduce((sum, part) => sum + part, 0);
  return sign === "-" ? -total : total;
}

/** A duration without the part that is less than a second. */
export function wholeSeconds(text: string): string {
  const nanoseconds = parseDuration(text);
  return nanoseconds === undefined ? text : formatDuration(Math.trunc(nanoseconds / 1e9) * 1e9);
}

/**
 * A duration as Go prints it.
 *
 * @example
 * formatDuration(90e9) // "1m30s"
 */
export function formatDuration(nanoseconds: number): string {
  const sign = nanoseconds < 0 ? "-" : "";
  const size = Math.abs(nanoseconds);
  if (size === 0) return "0s";
  if (size < 1e3) return `${sign}${size}ns`;
  if (size < 1e6) return `${sign}${size / 1e3}µs`;
  if (size < 1e9) return `${sign}${size / 1e6}ms`;
  const [hours, minutes] = [Math.floor(size / 3600e9), Math.floor((size % 3600e9) / 60e9)];
  const seconds = `${Math.floor((size % 60e9) / 1e9)}${fraction(size % 1e9)}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

function fraction(nanoseconds: number): string {
  const digits = String(nanoseconds).padStart(9, "0").replace(/0+$/, "");
  return digits === "" ? "" : `.${digits}`;
}
