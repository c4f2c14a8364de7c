import {
  getNodeValue,
  parseTree,
  printParseErrorCode,
  visit,
  type Node,
  type ParseError,
} from "jsonc-parser";
import { ReynsError, throwAll, type Place } from "../errors.ts";
import { createPlaces } from "../lib/line-places.ts";
import type { JsonPath } from "../model/schema-errors.ts";
import { readRegularFile } from "../lib/read-regular-file.ts";

export interface JsonDocument {
  readonly value: unknown;
  /** The place of the value at a path; if there is none, that of the nearest enclosing value. */
  placeOf(path: JsonPath): Place;
}

/** A file by mistake, or one that is meant to harm: confs have some kilobytes. */
const limits = { bytes: 10_000_000, depth: 100, values: 500_000, errors: 1000 };

/**
 * Reads JSON with `#` and `//` comments and trailing commas.
 *
 * @throws ReynsError INVALID_PROJECT with the place of each syntax error and each duplicate key; for a file over 10 MB
 */
export function readJsonc(file: string): JsonDocument {
  return parseJsonc(readWithLimit(file), file);
}

function readWithLimit(file: string): string {
  try {
    return readRegularFile(file).toString();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EFBIG") throw tooMuch("is larger than 10 MB", { file });
    throw error;
  }
}

/** Like `readJsonc`, for the text of a file; `file` is named in errors. */
export function parseJsonc(text: string, file: string): JsonDocument {
  if (text.length > limits.bytes) throw tooMuch("is larger than 10 MB", { file });
  const placeOfOffset = createPlaces(text);
  const placeAt = (offset: number): Place => ({ file, ...placeOfOffset(offset) });
  const plain = blankHashComments(text);
  throwAll(
    syntaxErrors(plain, placeAt).map(
      ({ error, offset }) =>
        new ReynsError("INVALID_PROJECT", `not valid JSON: ${splitWords(error)}`, {
          at: placeAt(offset),
        }),
    ),
  );
  const root = parseTree(plain, [], { allowTrailingComma: true });
  throwAll(
    repeatedKeys(root)
      .slice(0, limits.errors)
      .map(
        ({ value, offset }) =>
          new ReynsError("INVALID_PROJECT", `duplicate key "${value}"`, { at: placeAt(offset) }),
      ),
  );
  const nodeAt = createNodeLookup(root);
  return {
    value: root && getNodeValue(root),
    placeOf: (path) => placeAt(nodeAt(path)?.offset ?? 0),
  };
}

function tooMuch(message: string, at: Place): ReynsError {
  return new ReynsError("INVALID_PROJECT", `the file ${message}`, {
    at,
    hint: "a conf needs some kilobytes: is this the right file?",
  });
}

/** Reads the text once without building anything, and stops where it is too deep or has too many values. */
function syntaxErrors(
  text: string,
  placeAt: (offset: number) => Place,
): { readonly error: string; readonly offset: number }[] {
  const errors: { error: string; offset: number }[] = [];
  let [depth, values] = [0, 0];
  const count = (offset: number): void => {
    values += 1;
    if (values > limits.values)
      throw tooMuch(`has more than ${limits.values} values`, placeAt(offset));
  };
  const enter = (offset: number): void => {
    count(offset);
    depth += 1;
    if (depth > limits.depth)
      throw tooMuch(`is nested more than ${limits.depth} levels deep`, placeAt(offset));
  };
  const leave = (): void => void (depth -= 1);
  visit(
    text,
    {
      onObjectBegin: enter,
      onArrayBegin: enter,
      onObjectEnd: leave,
      onArrayEnd: leave,
      onLiteralValue: (_value, offset) => count(offset),
      onError: (error: ParseError["error"], offset) => {
        if (errors.length < limits.errors)
          errors.push({ error: printParseErrorCode(error), offset });
      },
    },
    { allowTrailingComma: true },
  );
  return errors;
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
  const parts: string[] = [];
  const start = /["#]|\/[/*]/g;
  let copied = 0;
  for (let match = start.exec(text); match; match = start.exec(text)) {
    const end = endOf(match[0], match.index, text);
    if (match[0] === "#") {
      parts.push(text.slice(copied, match.index), " ".repeat(end - match.index));
      copied = end;
    }
    start.lastIndex = end;
  }
  return [...parts, text.slice(copied)].join("").replace(/^\uFEFF/, " ");
}

/** Where a string or a comment ends; one without an end reaches to that of its line, or of the text. */
function endOf(opening: string, index: number, text: string): number {
  const orEnd = (found: number, length = 0): number => (found < 0 ? text.length : found + length);
  if (opening === "/*") return orEnd(text.indexOf("*/", index + 2), 2);
  if (opening !== '"') return orEnd(text.indexOf("\n", index));
  const stop = /["\n]|\\./g;
  stop.lastIndex = index + 1;
  for (let match = stop.exec(text); match; match = stop.exec(text))
    if (!match[0].startsWith("\\")) return match.index + 1;
  return text.length;
}

/**
 * Finds the node at a path, or the nearest enclosing one. The place of the key rather than of its value, because that is
 * where a person looks for a wrong key.
 */
function createNodeLookup(root: Node | undefined): (path: JsonPath) => Node | undefined {
  const properties = new Map<Node, Map<unknown, Node>>();
  const propertiesOf = (node: Node): Map<unknown, Node> => {
    const known =
      properties.get(node) ??
      new Map(node.children?.map((property) => [property.children?.[0]?.value, property]));
    properties.set(node, known);
    return known;
  };
  return (path) => {
    let [found, place] = [root, root];
    for (const step of path) {
      const child =
        found?.type === "object" ? propertiesOf(found).get(step) : found?.children?.[Number(step)];
      if (!child) break;
      place = child;
      found = child.type === "property" ? child.children?.[1] : child;
    }
    return place;
  };
}

function splitWords(code: string): string {
  return code.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}
