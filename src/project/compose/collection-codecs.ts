import { didYouMean } from "../../lib/suggest.ts";
import {
  at,
  replaceUnlessNull,
  reportWrong,
  type Codec,
  type FinishContext,
  type ReadContext,
} from "./codec.ts";
import { isNull, listLike, mapLike, type SourceMap, type SourceNode } from "./source-node.ts";

interface ListOptions {
  /** Entries of one key are one: the last. */
  readonly keyOf?: (item: SourceNode) => string;
  /** A single text is a list of one. */
  readonly orText?: boolean;
  /** Equal entries are a mistake, as in Compose. */
  readonly unique?: boolean;
  /** Several entries for one that is written, such as a range of ports. */
  readonly expand?: (item: SourceNode, context: ReadContext) => readonly SourceNode[];
}

export function list(item: Codec, options: ListOptions = {}): Codec {
  const { keyOf, orText, unique, expand } = options;
  const expects = orText ? `${item.expects} or a list` : "a list";
  return {
    expects,
    fields: item.fields,
    read(node, context) {
      const isText = orText === true && node.kind === "scalar" && node.type === "string";
      if (node.kind !== "list" && !isText) return reportWrong(node, context, expects);
      const items = node.kind === "list" ? node.items : [node];
      const read = items.flatMap((one, index) => {
        const inner = at(context, index);
        const value = item.read(one, inner);
        if (value === undefined) return [];
        return expand ? expand(value, inner) : [value];
      });
      return listLike(node, withoutDoubles(read, keyOf));
    },
    merge(base, over) {
      if (base.kind !== "list" || over.kind !== "list") return replaceUnlessNull(base, over);
      return listLike(over, withoutDoubles([...base.items, ...over.items], keyOf));
    },
    finish(node, context) {
      if (node.kind !== "list") return undefined;
      if (unique) reportDoubles(node.items, context);
      const items = node.items.map((one, index) => item.finish(one, at(context, index)) ?? one);
      return items.length === 0 ? undefined : listLike(node, items);
    },
  };
}

function withoutDoubles(
  items: readonly SourceNode[],
  keyOf: ListOptions["keyOf"],
): readonly SourceNode[] {
  if (!keyOf) return items;
  // A later entry takes the place of an earlier one.
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

/** The key of a list of texts: what is before "=". */
export function textKey(item: SourceNode): string {
  return item.kind === "scalar" ? (item.text.split("=", 1)[0] ?? "") : "";
}

function reportDoubles(items: readonly SourceNode[], { report, name }: FinishContext): void {
  const seen = new Set<string>();
  for (const item of items) {
    if (item.kind !== "scalar") continue;
    if (seen.has(item.text))
      report.error(item.at, `${name} has an entry twice`, "remove one of them");
    seen.add(item.text);
  }
}

/** A mapping with keys of the user's own. */
export function mapOf(
  codec: Codec,
  { keepEmpty = false, keys = /^[^]+$/, kind = "a key" } = {},
): Codec {
  const expects = "a mapping";
  return {
    expects,
    fields: codec.fields,
    read(node, context) {
      if (node.kind !== "map") return reportWrong(node, context, expects);
      const entries = [...node.entries].flatMap(([key, entry]) => {
        const isValid = keys.test(key);
        if (!isValid)
          context.report.error(
            entry.at,
            `"${key}" cannot be ${kind}`,
            "use letters, digits, dots, underscores and hyphens",
          );
        const read = isValid ? readUnlessReset(codec, entry, at(context, key)) : undefined;
        return read === undefined ? [] : [[key, read] as const];
      });
      return mapLike(node, entries);
    },
    merge: (base, over) => mergeMaps(base, over, () => codec),
    finish(node, context) {
      const finished = finishEntries(node, context, () => codec, true);
      return finished.entries.size === 0 && !keepEmpty ? undefined : finished;
    },
  };
}

export function readUnlessReset(
  codec: Codec,
  node: SourceNode,
  context: ReadContext,
): SourceNode | undefined {
  return node.tag === "reset" ? node : codec.read(node, context);
}

/** Merges entry by entry. `!reset` removes an entry of the files before, `!override` replaces it as a whole. */
export function mergeMaps(
  base: SourceNode,
  over: SourceNode,
  codecOf: (key: string) => Codec | undefined,
): SourceNode {
  if (base.kind !== "map" || over.kind !== "map") return replaceUnlessNull(base, over);
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const before = entries.get(key);
    if (entry.tag === "reset") entries.delete(key);
    else if (before === undefined || entry.tag === "override") entries.set(key, entry);
    else entries.set(key, codecOf(key)?.merge(before, entry) ?? mergeAny(before, entry));
  }
  return mapLike(over, entries);
}

function mergeAny(base: SourceNode, over: SourceNode): SourceNode {
  if (base.kind === "list" && over.kind === "list")
    return listLike(over, [...base.items, ...over.items]);
  return mergeMaps(base, over, () => undefined);
}

/** Completes the entries; those that are the same as none, and what `!reset` removed, are left out. */
export function finishEntries(
  node: SourceNode,
  context: FinishContext,
  codecOf: (key: string) => Codec | undefined,
  keepZero: boolean,
): SourceMap {
  const entries = node.kind === "map" ? [...node.entries] : [];
  const finished = entries.flatMap(([key, entry]) => {
    if (entry.tag === "reset") return [];
    const codec = codecOf(key);
    const value = codec ? codec.finish(entry, at(context, key)) : entry;
    if (value === undefined && !keepZero) return [];
    return [[key, value ?? entry] as const];
  });
  return mapLike(node, finished);
}

/** A value that may also be empty. */
export function nullable(codec: Codec): Codec {
  return {
    expects: codec.expects,
    fields: codec.fields,
    read: (node, context) => (isNull(node) ? node : codec.read(node, context)),
    merge: (base, over) =>
      isNull(base) || isNull(over) ? replaceUnlessNull(base, over) : codec.merge(base, over),
    finish: (node, context) => (isNull(node) ? undefined : codec.finish(node, context)),
  };
}

/** Where the nearest known word is, or the list of them if there are few. */
export function hintForKey(key: string, known: readonly string[]): string | undefined {
  return (
    didYouMean(key, known) ?? (known.length <= 12 ? `accepted: ${known.join(", ")}` : undefined)
  );
}
