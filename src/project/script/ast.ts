import { existsSync, readFileSync } from "node:fs";
import { parse } from "@babel/parser";
import type { CallExpression, Node } from "@babel/types";
import type { Place } from "../../errors.ts";

/**
 * The parsed text of a user's file; undefined when it is not there or no TypeScript at all.
 *
 * @see https://babeljs.io/docs/babel-parser
 */
export function treeOf(file: string): Node | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return parse(readFileSync(file, "utf8"), {
      sourceType: "module",
      plugins: ["typescript", "decorators"],
      errorRecovery: true,
    }).program;
  } catch {
    return undefined;
  }
}

/** A node and all below it, outermost first. */
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

/** Functions of the module "reyns" whose options errors lead into. */
const recorded = /^(?:service|dns|conf|group|after|project|task)$/;

/**
 * The call that runs at a place of a stack. The engine of JavaScript leaves the frame of a call in tail position out: then
 * the place is that of the caller, and the call is the one in the tail of what it calls.
 */
export function callAt(tree: Node, line: number, column: number): CallExpression | undefined {
  const calls = [...nodesIn(tree)].filter((node) => node.type === "CallExpression");
  const around = calls.filter((call) => runsAt(call, line, column));
  // The last one is the innermost.
  const call = around.at(-1);
  if (!call || recorded.test(calleeName(call))) return call;
  const tails = tailCalls(tree).filter((one) => recorded.test(calleeName(one)));
  const within = tails.filter(
    (one) => (one.start ?? 0) >= (call.start ?? 0) && (one.end ?? 0) <= (call.end ?? 0),
  );
  const [only, ...others] = within.length > 0 ? within : tails;
  return others.length === 0 ? only : undefined;
}

/** From its beginning to its first argument. */
function runsAt(
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

/** Calls that are the last thing their function does. */
function tailCalls(tree: Node): CallExpression[] {
  return [...nodesIn(tree)].flatMap((node) => {
    const last =
      node.type === "ReturnStatement"
        ? node.argument
        : node.type === "ArrowFunctionExpression" && node.body;
    return last && last.type === "CallExpression" ? last : [];
  });
}

/** Where a node begins. */
export function placeOfNode(file: string, node: Node): Place {
  const start = node.loc?.start;
  return start ? { file, line: start.line, column: start.column + 1 } : { file };
}

/** What a file waits for that has come as far as a place: its next `await` outside of functions. */
export function awaitAfter(file: string, last: Place | undefined): Place {
  const tree = treeOf(file);
  const awaits = tree ? [...topLevel(tree)].filter(({ type }) => type === "AwaitExpression") : [];
  const places = awaits.map((node) => placeOfNode(file, node));
  const { line = 0, column = 0 } = last?.file === file ? last : {};
  const next = places.find(
    (place) => (place.line ?? 0) > line || (place.line === line && (place.column ?? 0) >= column),
  );
  return next ?? places.at(-1) ?? { file };
}

/** The nodes that run when the file does. */
function* topLevel(node: Node): Generator<Node> {
  if (/Function|Method/.test(node.type)) return;
  yield node;
  for (const child of childrenOf(node)) yield* topLevel(child);
}

/** Where a file throws, or rejects with, a value that is no new Error; those that say the very value, if any do. */
export function throwsOf(file: string, value: unknown): Place[] {
  const tree = treeOf(file);
  const thrown = tree ? [...nodesIn(tree)].flatMap(thrownBy) : [];
  const others = thrown.filter(({ what }) => what?.type !== "NewExpression");
  const same = others.filter(({ what }) => what && "value" in what && what.value === value);
  return (same.length > 0 ? same : others).map(({ by }) => placeOfNode(file, by));
}

function thrownBy(node: Node): { readonly by: Node; readonly what: Node | undefined }[] {
  if (node.type === "ThrowStatement") return [{ by: node, what: node.argument }];
  if (node.type !== "CallExpression" || calleeName(node) !== "reject") return [];
  return [{ by: node, what: node.arguments[0] }];
}
