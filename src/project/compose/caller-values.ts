import type { Lookup } from "../../lib/interpolate.ts";
import {
  entriesOf,
  impliedText,
  isNull,
  mapLike,
  type SourceMap,
  type SourceNode,
} from "./source-node.ts";

/**
 * Bare names take the caller's values.
 *
 * @param which "listed": only those of a list, not the keys of a mapping that have no value
 */
export function withCallersValues(
  variables: SourceNode,
  lookup: Lookup,
  which: "all" | "listed" = "all",
): SourceMap {
  const entries = [...entriesOf(variables)].map(([name, value]) => {
    const isAsked = isNull(value) && (which === "all" || isListed(value));
    const found = isAsked ? lookup(name) : undefined;
    if (found === undefined) return [name, value] as const;
    const source = { kind: "variable", name } as const;
    return [name, { ...impliedText(value, found), source }] as const;
  });
  return mapLike(variables, entries);
}

function isListed(value: SourceNode): boolean {
  return value.kind === "scalar" && value.source?.kind === "variable";
}
