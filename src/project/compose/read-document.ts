import { isAlias, isMap, isScalar, isSeq, type Document, type Scalar, type YAMLMap } from "yaml";
import type { Place } from "../../errors.ts";
import type { ComposeReport } from "./report.ts";
import { resolvePlain, type ResolvedScalar } from "./scalar-types.ts";
import { entriesOf, isNull, itemsOf, nullLike, type SourceNode } from "./source-node.ts";

/** Compose has the same limit of values. A value counts as often as aliases use it. */
const limits = { values: 100_000, depth: 100 };

interface DocumentContext {
  placeAt(offset: number): Place;
  readonly report: ComposeReport;
}

interface Walk extends DocumentContext {
  readonly anchors: Map<string, unknown>;
  /** Nodes that are being read, to find an alias inside of what it stands for. */
  readonly open: Set<unknown>;
  values: number;
  /** A limit is exceeded: the rest is skipped. */
  isOver: boolean;
}

/** Turns a parsed document into nodes: aliases and merge keys are resolved, scalars have their types. */
export function readDocument(
  { contents }: Document,
  context: DocumentContext,
): SourceNode | undefined {
  if (!contents) return undefined;
  const walk: Walk = { ...context, anchors: new Map(), open: new Set(), values: 0, isOver: false };
  const node = readNode(contents, walk.placeAt(offsetOf(contents)), walk);
  return walk.isOver ? undefined : node;
}

function offsetOf(node: unknown): number {
  const isNode = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node);
  return isNode && node.range ? node.range[0] : 0;
}

function readNode(node: unknown, at: Place, walk: Walk): SourceNode {
  countValue(at, walk);
  if (walk.isOver) return nullLike({ at });
  if (isAlias(node)) return readAlias(node.source, at, walk);
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return nullLike({ at });
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, node);
  const tag = readTag(node.tag);
  if (tag === "reset") return { ...nullLike({ at }), tag };
  if (isScalar(node)) return { kind: "scalar", ...readScalar(node, at, walk), at, tag };
  walk.open.add(node);
  const read: SourceNode = isMap(node)
    ? { kind: "map", entries: readEntries(node, walk), at, tag }
    : { kind: "list", items: readItems(node.items, walk), at, tag };
  walk.open.delete(node);
  return read;
}

function countValue(at: Place, walk: Walk): void {
  walk.values += 1;
  const problems = [
    ...(walk.values > limits.values ? [`has more than ${limits.values} values`] : []),
    ...(walk.open.size > limits.depth ? [`is nested more than ${limits.depth} levels deep`] : []),
  ];
  const [problem] = problems;
  if (problem === undefined || walk.isOver) return;
  walk.isOver = true;
  walk.report.error(at, `the file ${problem}`, "a value counts as often as aliases use it");
}

function readAlias(name: string, at: Place, walk: Walk): SourceNode {
  const target = walk.anchors.get(name);
  if (target !== undefined && !walk.open.has(target)) return readNode(target, at, walk);
  const problem = target === undefined ? "has no anchor before it" : "contains itself";
  walk.report.error(at, `the alias *${name} ${problem}`);
  return nullLike({ at });
}

function readTag(tag: string | undefined): "reset" | "override" | undefined {
  if (tag === "!reset") return "reset";
  return tag === "!override" ? "override" : undefined;
}

function readScalar({ value, type, tag }: Scalar, at: Place, { report }: Walk): ResolvedScalar {
  const text = typeof value === "string" ? value : "";
  const isQuoted = type !== "PLAIN" && type !== undefined;
  const kind = tag?.startsWith("tag:yaml.org,2002:") ? tag.slice(18) : undefined;
  if (kind === "str" || (tag !== undefined && kind === undefined && readTag(tag) === undefined))
    return { type: "string", text };
  if (kind === "null") return { type: "null", text: "" };
  const resolved: ResolvedScalar =
    isQuoted && kind === undefined ? { type: "string", text } : resolvePlain(text);
  if (kind === "float" && resolved.type === "integer") return { ...resolved, type: "float" };
  const expected = { int: "integer", float: "float", bool: "boolean" }[kind ?? ""];
  if (expected !== undefined && resolved.type !== expected)
    report.error(at, `"${text}" is not what its tag !!${kind} says`);
  return resolved;
}

function readItems(items: readonly unknown[], walk: Walk): SourceNode[] {
  return items
    .map((item) => readNode(item, walk.placeAt(offsetOf(item)), walk))
    .filter(({ tag }) => tag !== "reset");
}

/** Keys of the mapping itself win over merged ones, and those of an earlier merge over those of a later one. */
function readEntries(map: YAMLMap, walk: Walk): Map<string, SourceNode> {
  const own = new Map<string, SourceNode>();
  const merges: SourceNode[] = [];
  for (const { key, value } of map.items) {
    const at = walk.placeAt(offsetOf(key));
    const isMerge = isMergeKey(key);
    const name = isMerge ? "<<" : readKey(key, at, walk);
    if (name === undefined) continue;
    const node = readNode(value, at, walk);
    if (isMerge) merges.push(...mergedBy(node, walk));
    else if (own.has(name)) {
      const line = own.get(name)?.at.line;
      walk.report.error(at, `the key "${name}" is there twice`, `the other is at line ${line}`);
    } else own.set(name, node);
  }
  for (const [name, node] of merges.flatMap((merge) => [...entriesOf(merge)]))
    if (!own.has(name)) own.set(name, node);
  return own;
}

/** `<<`, or `!!merge <<`, as some tools write it. */
function isMergeKey(key: unknown): boolean {
  if (!isScalar(key)) return false;
  return key.tag === "tag:yaml.org,2002:merge" || (key.value === "<<" && key.type === "PLAIN");
}

function mergedBy(node: SourceNode, { report }: Walk): readonly SourceNode[] {
  const maps = node.kind === "list" ? itemsOf(node) : [node];
  const wrong = maps.find(({ kind }) => kind !== "map");
  if (wrong === undefined || isNull(node)) return maps;
  report.error(wrong.at, "<< takes a mapping, or a list of mappings", "write <<: *NAME");
  return [];
}

function readKey(key: unknown, at: Place, walk: Walk): string | undefined {
  const node = isAlias(key) ? walk.anchors.get(key.source) : key;
  if (isScalar(node) && node.anchor !== undefined) walk.anchors.set(node.anchor, node);
  const { type, text } = isScalar(node)
    ? readScalar(node, at, walk)
    : ({ type: "null", text: "" } as const);
  if (type === "string") return text;
  const name = text === "" ? "a key" : `the key ${text}`;
  walk.report.error(at, `${name} has to be a text`, text === "" ? undefined : `write "${text}"`);
  return undefined;
}
