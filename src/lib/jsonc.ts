import { readFileSync } from "node:fs";
import {
  findNodeAtLocation,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from "jsonc-parser";
import { ReynsError, throwAll, type Place } from "../errors.ts";

/** A path into a JSON value: keys of objects, indexes of arrays. */
export type JsonPath = readonly (string | number)[];

export interface JsonDocument {
  readonly value: unknown;
  /** Where the value at a path stands; the nearest enclosing value's place when it is not there. */
  placeOf(path: JsonPath): Place;
}

/**
 * Reads JSON with `#` and `//` comments and trailing commas.
 *
 * @throws ReynsError INVALID_PROJECT at each place that is not JSON
 */
export function readJsonc(file: string): JsonDocument {
  return parseJsonc(readFileSync(file, "utf8"), file);
}

/** The same for a text that was read already; `file` is named in errors. */
export function parseJsonc(text: string, file: string): JsonDocument {
  const errors: ParseError[] = [];
  const root = parseTree(blankHashComments(text), errors, { allowTrailingComma: true });
  const fault = (message: string, offset: number): ReynsError =>
    new ReynsError("INVALID_PROJECT", message, { at: placeAt(text, offset, file) });
  throwAll(
    errors.map(({ error, offset }) =>
      fault(`not valid JSON: ${words(printParseErrorCode(error))}`, offset),
    ),
  );
  throwAll(
    repeatedKeys(root).map(({ value, offset }) => fault(`"${value}" is given twice`, offset)),
  );
  return {
    value: root && getNodeValue(root),
    placeOf: (path) => placeAt(text, nodeAt(root, path)?.offset ?? 0, file),
  };
}

/** JSON itself lets the last one win, and the others go without a word. */
function repeatedKeys(node: Node | undefined): Node[] {
  const children = node?.children ?? [];
  const seen = new Set<unknown>();
  const repeated = children.flatMap(({ type, children: [key] = [] }) => {
    if (type !== "property" || !key) return [];
    return seen.has(key.value) ? [key] : (seen.add(key.value), []);
  });
  return [...repeated, ...children.flatMap(repeatedKeys)];
}

/** `#` comments and a byte order mark become spaces, so that every offset stays; inside strings a `#` is text. */
function blankHashComments(text: string): string {
  return text
    .replace(/^\uFEFF/, " ")
    .replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\/|#[^\n]*/g, (match) =>
      match.startsWith("#") ? " ".repeat(match.length) : match,
    );
}

/** The key's place rather than the value's: that is where a person looks for a wrong key. */
function nodeAt(root: Node | undefined, path: JsonPath): Node | undefined {
  if (!root) return undefined;
  for (let length = path.length; length > 0; length -= 1) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (node) return node.parent?.type === "property" ? node.parent : node;
  }
  return root;
}

function placeAt(text: string, offset: number, file: string): Place {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { file, line: before.split("\n").length, column: offset - lineStart + 1 };
}

function words(code: string): string {
  return code.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}
