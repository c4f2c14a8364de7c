import { at, reportWrong, type Codec, type ReadContext } from "./codec.ts";
import { finishEntries, hintForKey, mergeMaps, readUnlessReset } from "./collection-codecs.ts";
import {
  entriesOf,
  mapLike,
  type SourceMap,
  type SourceNode,
  type SourceScalar,
} from "./source-node.ts";

type Fields = Readonly<Record<string, Codec>>;

interface ObjectOptions {
  readonly required?: readonly string[];
  /** What a text stands for. */
  readonly short?: (text: SourceScalar, context: ReadContext) => SourceMap | undefined;
  readonly shortName?: string;
  /** What is meant by a key that is unknown. */
  readonly hintFor?: (key: string, entry: SourceNode) => string | undefined;
  /** Keeps what begins with `x-`. */
  readonly keepExtensions?: boolean;
  /** Replaces the merging of the entries. */
  readonly merge?: (base: SourceMap, over: SourceMap, merged: SourceNode) => SourceNode;
  /** Completes the whole of it. */
  readonly finish?: (map: SourceMap, context: ReadContext["report"]) => SourceMap;
}

/** A mapping with known keys. Those that begin with `x-` may hold anything, and nothing comes of them. */
export function object(fields: Fields, options: ObjectOptions = {}): Codec {
  const { required = [], short, shortName = "a text", keepExtensions = false } = options;
  const known = Object.keys(fields);
  const expects = short ? `${shortName} or a mapping` : "a mapping";
  const codecOf = (key: string): Codec | undefined =>
    Object.hasOwn(fields, key) ? fields[key] : undefined;
  return {
    expects,
    fields,
    read(node, context) {
      if (short && node.kind === "scalar" && node.type === "string") return short(node, context);
      if (node.kind !== "map") return reportWrong(node, context, expects);
      const entries = [...node.entries].flatMap(([key, entry]) => {
        if (key.startsWith("x-")) return keepExtensions ? [[key, entry] as const] : [];
        const codec = codecOf(key);
        const read = codec && readUnlessReset(codec, entry, at(context, key));
        if (codec === undefined) {
          const name = context.name === "" ? `"${key}"` : `"${key}" in ${context.name}`;
          context.report.error(
            entry.at,
            `unknown key ${name}`,
            options.hintFor?.(key, entry) ?? hintForKey(key, known),
          );
        }
        return read === undefined ? [] : [[key, read] as const];
      });
      const whole = mapLike(node, entries);
      // Nothing comes of an entry whose required value is wrong, which is reported once.
      const isWrong = required.some((key) => node.entries.has(key) && !whole.entries.has(key));
      return isWrong ? undefined : whole;
    },
    merge(base, over) {
      const merged = mergeMaps(base, over, codecOf);
      return options.merge && base.kind === "map" && over.kind === "map"
        ? options.merge(base, over, merged)
        : merged;
    },
    finish(node, context) {
      const finished = finishEntries(node, context, codecOf, false);
      for (const key of required) {
        if (entriesOf(node).has(key)) continue;
        context.report.error(node.at, `${context.name} lacks the key ${key}`);
      }
      return options.finish ? options.finish(finished, context.report) : finished;
    },
  };
}
