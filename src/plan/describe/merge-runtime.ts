import type { RuntimeSettings } from "../../model/container-spec.ts";
import { isRecord } from "../../lib/is-record.ts";

/** The definition's settings with those of `extra_args`: lists and records grow, of a single value the latter counts. */
export function mergeRuntime(
  defined: RuntimeSettings | undefined,
  extra: RuntimeSettings,
): RuntimeSettings {
  const merged = Object.entries(extra).map(([key, added]: [string, unknown]) => {
    const before: unknown = defined?.[key as keyof RuntimeSettings];
    return [key, merge(before, added)] as const;
  });
  return { ...defined, ...Object.fromEntries(merged) };
}

function merge(before: unknown, added: unknown): unknown {
  if (before === undefined || added === undefined) return added ?? before;
  if (Array.isArray(before) && Array.isArray(added)) return [...before, ...added] as unknown[];
  return isRecord(before) && isRecord(added) ? { ...before, ...added } : added;
}

/** Only what somebody has said: a definition that does not use a setting does not change when Reyns learns of it. */
export function givenSettings(runtime: RuntimeSettings): RuntimeSettings {
  const given = Object.entries(runtime).filter(
    ([, value]: [string, unknown]) =>
      value !== undefined && (typeof value !== "object" || Object.keys(value ?? {}).length > 0),
  );
  return Object.fromEntries(given);
}
