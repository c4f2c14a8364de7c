import { isRecord } from "./is-record.ts";

/**
 * JSON whose text depends on the value alone: fields are sorted by name, and what is undefined is left out.
 *
 * @example
 * stableJson({ b: 1, a: undefined }) // '{"b":1}'
 */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isRecord(inner)
      ? Object.fromEntries(
          Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)),
        )
      : inner,
  );
}
