import { at, reportWrong, type Codec, type ReadContext } from "./codec.ts";
import { finishEntries, mergeMaps } from "./collection-codecs.ts";
import {
  impliedText,
  mapLike,
  pieceOf,
  scalarLike,
  type ScalarType,
  type SourceNode,
  type SourceScalar,
} from "./source-node.ts";

interface DictOptions {
  /** What a name without a value has: the empty text, or null, which stands for the caller's variable. */
  readonly bare: "empty" | "null";
  readonly types?: readonly ScalarType[];
  /** The mapping alone. */
  readonly noList?: boolean;
}

const scalars: readonly ScalarType[] = ["string", "integer", "float", "boolean", "null"];

/** Texts by name: a mapping, or a list of "NAME=VALUE". */
export function dict({ bare, types = scalars, noList = false }: DictOptions): Codec {
  const expects = noList ? "a mapping" : 'a mapping, or a list of "NAME=VALUE"';
  const value = (node: SourceScalar): SourceNode =>
    node.type === "null" && bare === "null" ? node : scalarLike(node, node.text, "string");
  const readValue = (node: SourceNode, context: ReadContext): SourceNode | undefined => {
    if (node.tag === "reset") return node;
    if (node.kind === "scalar" && types.includes(node.type)) return value(node);
    return reportWrong(node, context, types.includes("boolean") ? anyScalar : "a text or a number");
  };
  const readItem = (
    node: SourceNode,
    context: ReadContext,
  ): readonly (readonly [string, SourceNode])[] => {
    if (node.kind !== "scalar" || node.type !== "string") {
      reportWrong(node, context, 'a text "NAME=VALUE"');
      return [];
    }
    return [splitItem(node, bare, context)];
  };
  return {
    expects,
    read(node, context) {
      if (node.kind === "list" && !noList)
        return mapLike(
          node,
          node.items.flatMap((item, index) => readItem(item, at(context, index))),
        );
      if (node.kind !== "map") return reportWrong(node, context, expects);
      const entries = [...node.entries].flatMap(([key, entry]) => {
        const read = readValue(entry, at(context, key));
        return read === undefined ? [] : [[key, read] as const];
      });
      return mapLike(node, entries);
    },
    // An entry without a value counts, too: it takes the caller's.
    merge: (base, over) => mergeMaps(base, over, () => overriding),
    finish(node, context) {
      const finished = finishEntries(node, context, () => undefined, true);
      return finished.entries.size === 0 ? undefined : finished;
    },
  };
}

const anyScalar = "a text, a number, a boolean or empty";

const overriding: Codec = {
  expects: anyScalar,
  read: (node) => node,
  merge: (_, over) => over,
  finish: (node) => node,
};

function splitItem(
  node: SourceScalar,
  bare: DictOptions["bare"],
  { report, name }: ReadContext,
): readonly [string, SourceNode] {
  const equals = node.text.indexOf("=");
  const key = equals < 0 ? node.text : node.text.slice(0, equals);
  if (/\s$/.test(key)) report.error(node.at, `${name} has a blank before "="`, "remove it");
  if (equals >= 0) {
    const value = pieceOf(node, { start: equals + 1, end: node.text.length });
    return [key, value];
  }
  const { at: place } = node;
  if (bare === "empty") return [key, impliedText(node, "")];
  // In a list, it is a variable of the file's own env files, too.
  const source = { kind: "variable", name: key } as const;
  return [key, { kind: "scalar", type: "null", text: "", at: place, source }];
}

/** Mappings only, of texts or numbers: options of drivers. */
export const driverOptions = dict({
  bare: "empty",
  types: ["string", "integer", "float", "null"],
  noList: true,
});
export const labels = dict({ bare: "empty" });
export const variables = dict({ bare: "null" });
