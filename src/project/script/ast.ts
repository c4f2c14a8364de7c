import { existsSync } from "node:fs";
import { parse } from "@babel/parser";
import type { CallExpression, Node } from "@babel/types";
import type { Place } from "../../errors.ts";
import { readRegularFile } from "../../lib/read-regular-file.ts";

/**
 * Parses a user's file; returns undefined if it does not exist or is not TypeScript at all.
 *
 * @see https://babeljs.io/docs/babel-parser
 */
export function parseScript(file: string): Node | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return parse(readRegularFile(file).toString(), {
      sourceType: "module",
      plugins: ["typescript", "decorators"],
      errorRecovery: true,
    }).program;
  } catch {
    return undefined;
  }
}

/** A node and all its descendants, outermost first. */
export function* nodesIn(node: Node): Generator<Node> {
  yield node;
  for (const child of childrenOf(node)) yield* nodesIn(child);
}

function childrenOf(node: Node): Node[] {
  const values = Object.values(node) as unknown[];
  return values
    .flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
    .filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "loc" in value;
}

/** Functions of the module "reyns" with options in which errors can be located. */
const apiFunctions =
  /^(?:service|job|dns|router|compose|conf|group|after|project|task|test|skip|only|volume|network|node)$/;

/**
 * Finds the call at a place of a stack. JavaScriptCore omits the frame of a call in tail position: the place is then that
 * of the caller, and the call is the one in the tail of the function called there.
 */
export function findCallAt(tree: Node, line: number, column: number): CallExpression | undefined {
  const calls = [...nodesIn(tree)].filter((node) => node.type === "CallExpression");
  const around = calls.filter((call) => isCallAt(call, line, column));
  // Innermost last.
  const call = around.at(-1);
  if (!call || apiFunctions.test(calleeName(call))) return call;
  const tails = tailCalls(tree).filter((tail) => apiFunctions.test(calleeName(tail)));
  const within = tails.filter(
    (tail) => (tail.start ?? 0) >= (call.start ?? 0) && (tail.end ?? 0) <= (call.end ?? 0),
  );
  const [only, ...others] = within.length > 0 ? within : tails;
  return others.length === 0 ? only : undefined;
}

/** A call counts from its beginning to its first argument. */
function isCallAt(
  { loc, arguments: [first], end }: CallExpression,
  line: number,
  column: number,
): boolean {
  const from = loc?.start;
  const to = first?.loc?.start ?? loc?.end;
  if (!from || !to || end === null) return false;
  const isAfter = line > from.line || (line === from.line && column - 1 >= from.column);
  const isBefore = line < to.line || (line === to.line && column - 1 < to.column);
  return isAfter && isBefore;
}

function calleeName({ callee }: CallExpression): string {
  if (callee.type === "Identifier") return callee.name;
  if (callee.type === "MemberExpression" && callee.property.type === "Identifier")
    return callee.property.name;
  return "";
}

/** Calls in tail position. */
function tailCalls(tree: Node): CallExpression[] {
  return [...nodesIn(tree)].flatMap((node) => {
    const last =
      node.type === "ReturnStatement"
        ? node.argument
        : node.type === "ArrowFunctionExpression" && node.body;
    return last && last.type === "CallExpression" ? last : [];
  });
}

/** The start of a node. */
export function placeOfNode(file: string, node: Node): Place {
  const start = node.loc?.start;
  return start ? { file, line: start.line, column: start.column + 1 } : { file };
}

/** The next `await` outside of functions, after the last known place of a file. */
export function findNextAwait(file: string, last: Place | undefined): Place {
  const tree = parseScript(file);
  const awaits = tree
    ? [...topLevelNodes(tree)].filter(({ type }) => type === "AwaitExpression")
    : [];
  const places = awaits.map((node) => placeOfNode(file, node));
  const { line = 0, column = 0 } = last?.file === file ? last : {};
  const next = places.find(
    (place) => (place.line ?? 0) > line || (place.line === line && (place.column ?? 0) >= column),
  );
  return next ?? places.at(-1) ?? { file };
}

/** The nodes outside of functions. */
function* topLevelNodes(node: Node): Generator<Node> {
  if (/Function|Method/.test(node.type)) return;
  yield node;
  for (const child of childrenOf(node)) yield* topLevelNodes(child);
}

/** The places where a file throws or rejects with something else than a new Error; those of the given value, if any. */
export function findThrows(file: string, value: unknown): Place[] {
  const tree = parseScript(file);
  const thrown = tree ? [...nodesIn(tree)].flatMap(thrownBy) : [];
  const others = thrown.filter((found) => found.value?.type !== "NewExpression");
  const same = others.filter(
    (found) => found.value && "value" in found.value && found.value.value === value,
  );
  return (same.length > 0 ? same : others).map(({ statement }) => placeOfNode(file, statement));
}

/** A `throw` or a call of reject(), and the value it throws. */
interface Throw {
  readonly statement: Node;
  readonly value: Node | undefined;
}

function thrownBy(node: Node): Throw[] {
  if (node.type === "ThrowStatement") return [{ statement: node, value: node.argument }];
  if (node.type !== "CallExpression" || calleeName(node) !== "reject") return [];
  return [{ statement: node, value: node.arguments[0] }];
}
