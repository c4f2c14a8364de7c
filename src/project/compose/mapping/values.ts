import { isAbsolute, relative } from "node:path";
import type { ComposeService } from "../compose-file.ts";

/** `52428800` bytes as "50m"; another number as it is. */
export function sizeText(bytes: string | number): string {
  const count = Number(bytes);
  if (!Number.isInteger(count) || count <= 0) return String(bytes);
  const [unit, size] = (
    [
      ["g", 1024 ** 3],
      ["m", 1024 ** 2],
      ["k", 1024],
    ] as const
  ).find(([, factor]) => count % factor === 0) ?? ["", 1];
  return `${count / size}${unit}`;
}

/** A duration of Go without the parts that are nothing: "1m0s" is "1m". */
export function durationText(duration: string): string {
  const parts = [...duration.replaceAll("µ", "u").matchAll(/([\d.]+)([a-z]+)/g)];
  const given = parts.filter(([, count]) => Number(count) !== 0).map(([part]) => part);
  // A negative one stays what it is, to be reported.
  const sign = duration.startsWith("-") ? "-" : "";
  return sign + (given.join("") || "0s");
}

/** "./data" for a path in the project's folder; others stay absolute. */
export function relativePath(folder: string, path: string): string {
  if (!isAbsolute(path)) return path;
  const local = relative(folder, path);
  if (local === "") return ".";
  return local.startsWith("..") ? path : `./${local}`;
}

/** Limits with both parts. */
export function mapUlimits(
  ulimits: NonNullable<ComposeService["ulimits"]>,
): Record<string, number | { readonly soft: number; readonly hard: number }> {
  return Object.fromEntries(
    Object.entries(ulimits).map(([name, limit]) => [
      name,
      typeof limit === "number" ? limit : { soft: limit.soft ?? 0, hard: limit.hard ?? 0 },
    ]),
  );
}
