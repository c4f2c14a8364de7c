import { basename } from "node:path";
import type { Place } from "../../errors.ts";
import type { TextPart, ValueSource } from "./compose-project.ts";

/** A value of a compose file that remembers its place, and the variables that it was made of. */
export type SourceNode = SourceScalar | SourceList | SourceMap;

interface Sourced {
  /** Of the key in a mapping, else of the value. */
  readonly at: Place;
  /** What it does to a value of the files before: removes it, or replaces it as a whole. */
  readonly tag?: "reset" | "override" | undefined;
}

export type ScalarType = "string" | "integer" | "float" | "boolean" | "null" | "date";

export interface SourceScalar extends Sourced {
  readonly kind: "scalar";
  readonly type: ScalarType;
  /** The value as Compose prints it: "1.5", "true"; "" for null. */
  readonly text: string;
  readonly source?: ValueSource | undefined;
}

export interface SourceList extends Sourced {
  readonly kind: "list";
  readonly items: readonly SourceNode[];
}

export interface SourceMap extends Sourced {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, SourceNode>;
}

/** A scalar with another text or type, of the same origin. */
export function scalarLike(node: SourceNode, text: string, type: ScalarType): SourceScalar {
  const source = node.kind === "scalar" ? node.source : undefined;
  return { kind: "scalar", type, text, at: node.at, tag: node.tag, source };
}

export function nullLike({ at }: Pick<SourceNode, "at">): SourceScalar {
  return { kind: "scalar", type: "null", text: "", at };
}

export function listLike({ at, tag }: SourceNode, items: readonly SourceNode[]): SourceList {
  return { kind: "list", items, at, tag };
}

export function mapLike(
  { at, tag }: SourceNode,
  entries: Iterable<readonly [string, SourceNode]>,
): SourceMap {
  return { kind: "map", entries: new Map(entries), at, tag };
}

export function isNull(node: SourceNode | undefined): boolean {
  return node?.kind === "scalar" && node.type === "null";
}

/** The entries of a mapping; none for anything else. */
export function entriesOf(node: SourceNode | undefined): ReadonlyMap<string, SourceNode> {
  return node?.kind === "map" ? node.entries : new Map();
}

export function itemsOf(node: SourceNode | undefined): readonly SourceNode[] {
  return node?.kind === "list" ? node.items : [];
}

/** The text of an entry that is a scalar. */
export function textOf(node: SourceNode | undefined, key: string): string | undefined {
  const entry = entriesOf(node).get(key);
  return entry?.kind === "scalar" && entry.type !== "null" ? entry.text : undefined;
}

/** A mapping with an entry more, or another value of one. */
export function withEntry(map: SourceMap, key: string, node: SourceNode): SourceMap {
  return { ...map, entries: new Map(map.entries).set(key, node) };
}

/** Part of a text. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A text made of pieces of another one, with the variables that are in them as a whole. */
export function pieceOf(node: SourceScalar, ...pieces: readonly TextRange[]): SourceScalar {
  const parts = partsOf(node);
  const picked = pieces.flatMap((piece) => pick(parts, piece));
  const text = picked.map((part) => part.text).join("");
  const hasVariables = picked.some(({ variable }) => variable !== undefined);
  const source = hasVariables ? ({ kind: "template", parts: picked } as const) : undefined;
  return { kind: "scalar", type: "string", text, at: node.at, source };
}

/** The line of an env file that gives a value as a whole. */
export function placeInEnvFile(node: SourceNode): Place | undefined {
  const [part, ...more] = node.kind === "scalar" ? partsOf(node) : [];
  return more.length === 0 ? part?.setAt : undefined;
}

/** The variables in a value that env files give, with their lines: "PORT is set at .env:3". */
export function notesOnVariables(node: SourceNode): string[] {
  const parts = node.kind === "scalar" ? partsOf(node) : [];
  const notes = parts.flatMap(({ variable, setAt }) =>
    variable && setAt ? `${variable.name} is set at ${basename(setAt.file)}:${setAt.line}` : [],
  );
  return [...new Set(notes)];
}

function partsOf({ source, text }: SourceScalar): readonly TextPart[] {
  return source?.kind === "template" ? source.parts : [{ text }];
}

function pick(parts: readonly TextPart[], { start, end }: TextRange): TextPart[] {
  const picked: TextPart[] = [];
  let position = 0;
  for (const part of parts) {
    const [from, to] = [position, position + part.text.length];
    position = to;
    if (from >= start && to <= end) picked.push(part);
    else if (from < end && to > start)
      picked.push({ text: part.text.slice(Math.max(0, start - from), end - from) });
  }
  return picked;
}

/** A text that stands in no file, at the place of what it is derived from. */
export function impliedText({ at }: SourceNode, text: string): SourceScalar {
  return { kind: "scalar", type: "string", text, at };
}

export function impliedFlag({ at }: SourceNode, value: boolean): SourceScalar {
  return { kind: "scalar", type: "boolean", text: String(value), at };
}

/** A mapping with entries for keys that it lacks. */
export function withDefaults(
  map: SourceMap,
  defaults: Readonly<Record<string, string | boolean>>,
): SourceMap {
  const missing = Object.entries(defaults).filter(([key]) => !map.entries.has(key));
  const implied = missing.map(
    ([key, value]) =>
      [key, typeof value === "string" ? impliedText(map, value) : impliedFlag(map, value)] as const,
  );
  return { ...map, entries: new Map([...map.entries, ...implied]) };
}

/** A file with changed services. */
export function withServices(
  file: SourceMap,
  change: (service: SourceMap, name: string) => SourceMap,
): SourceMap {
  const services = file.entries.get("services");
  if (services?.kind !== "map") return file;
  const changed = [...services.entries].map(
    ([name, service]) => [name, service.kind === "map" ? change(service, name) : service] as const,
  );
  return withEntry(file, "services", mapLike(services, changed));
}
