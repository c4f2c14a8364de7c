import type { Lookup } from "../../lib/interpolate.ts";
import {
  entriesOf,
  impliedText,
  isNull,
  mapLike,
  type SourceMap,
  type SourceNode,
} from "./source-node.ts";

/** Bare names take the caller's values. */
export function withCallersValues(variables: SourceNode, lookup: Lookup): SourceMap {
  const entries = [...entriesOf(variables)].map(([name, value]) => {
    const found = isNull(value) ? lookup(name) : undefined;
    if (found === undefined) return [name, value] as const;
    const source = { kind: "variable", name } as const;
    return [name, { ...impliedText(value, found), source }] as const;
  });
  return mapLike(variables, entries);
}
