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
import type { JsonPath } from "../model/schema-errors.ts";

export interface JsonDocument {
  readonly value: unknown;
  /** The place of the value at a path; if there is none, that of the nearest enclosing value. */
  placeOf(path: JsonPath): Place;
}

/**
 * Reads JSON with `#` and `//` comments and trailing commas.
 *
 * @throws ReynsError INVALID_PROJECT with the place of each syntax error and each duplicate key
 */
export function readJsonc(file: string): JsonDocument {
  return parseJsonc(readFileSync(file, "utf8"), file);
}

/** Like `readJsonc`, for the text of a file; `file` is named in errors. */
export function parseJsonc(text: string, file: string): JsonDocument {
  const errors: ParseError[] = [];
  const root = parseTree(blankHashComments(text), errors, { allowTrailingComma: true });
  const errorAt = (message: string, offset: number): ReynsError =>
    new ReynsError("INVALID_PROJECT", message, { at: placeAt(text, offset, file) });
  throwAll(
    errors.map(({ error, offset }) =>
      errorAt(`not valid JSON: ${splitWords(printParseErrorCode(error))}`, offset),
    ),
  );
  throwAll(
    repeatedKeys(root).map(({ value, offset }) => errorAt(`duplicate key "${value}"`, offset)),
  );
  return {
    value: root && getNodeValue(root),
    placeOf: (path) => placeAt(text, nodeAt(root, path)?.offset ?? 0, file),
  };
}

/** JSON.parse silently ignores all but the last one. */
function repeatedKeys(node: Node | undefined): Node[] {
  const children = node?.children ?? [];
  const seen = new Set<unknown>();
  const repeated = children.flatMap(({ type, children: [key] = [] }) => {
    if (type !== "property" || !key) return [];
    return seen.has(key.value) ? [key] : (seen.add(key.value), []);
  });
  return [...repeated, ...children.flatMap(repeatedKeys)];
}

/** Replaces `#` comments and a byte order mark with spaces, so that offsets do not change. */
function blankHashComments(text: string): string {
  return text
    .replace(/^\uFEFF/, " ")
    .replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\/|#[^\n]*/g, (match) =>
      match.startsWith("#") ? " ".repeat(match.length) : match,
    );
}

/** The place of the key rather than of its value, because that is where a person looks for a wrong key. */
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

function splitWords(code: string): string {
  return code.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}
