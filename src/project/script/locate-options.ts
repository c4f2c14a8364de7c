import type { CallExpression, Node, ObjectExpression, ObjectMember } from "@babel/types";
import { errorWith, type Place, type ReynsError } from "../../errors.ts";
import { callAt, nodesIn, treeOf } from "./ast.ts";

type Path = NonNullable<Place["path"]>;

/**
 * The errors at the keys and list items that the paths of their places lead to. What a spread, a function or another
 * file brings stays at the nearest that can be followed, at last the call.
 */
export function followPaths(errors: readonly ReynsError[]): ReynsError[] {
  const trees = new Map<string, Node | undefined>();
  return errors.map((error) => {
    const { at } = error;
    if (at?.path === undefined) return error;
    const { path, ...call } = at;
    if (!trees.has(at.file)) trees.set(at.file, treeOf(at.file));
    return errorWith(error, { at: { ...call, ...follow(trees.get(at.file), call, path) } });
  });
}

function follow(tree: Node | undefined, { line, column }: Place, path: Path): Partial<Place> {
  if (!tree || line === undefined || column === undefined) return {};
  const call = callAt(tree, line, column);
  if (!call) return {};
  const found = nodeAt(tree, call, path) ?? call;
  const start = found.loc?.start;
  // The place of a call is where its stack has it: at its name, which may come after what it belongs to.
  return start && found !== call ? { line: start.line, column: start.column + 1 } : {};
}

/** The key or item that a path ends at, or the last one that it passes. */
function nodeAt(tree: Node, call: CallExpression, path: Path): Node | undefined {
  const [first, ...rest] = path;
  if (typeof first === "number") return call.arguments[first];
  const options = call.arguments
    .map((argument) => plain(tree, argument))
    .find((argument) => argument?.type === "ObjectExpression");
  return first === undefined ? undefined : walk(tree, options, [first, ...rest]);
}

function walk(tree: Node, holder: Node | undefined, path: Path): Node | undefined {
  const [key, ...rest] = path;
  if (holder === undefined || key === undefined) return undefined;
  const [place, value] = partOf(tree, holder, key);
  return walk(tree, plain(tree, value), rest) ?? place;
}

type Part = readonly [place?: Node | undefined, value?: Node | undefined];

/** Where a part of an object or a list stands, and its value. */
function partOf(tree: Node, holder: Node, key: string | number): Part {
  if (holder.type === "ArrayExpression") {
    const isPlain = holder.elements.every((element) => element?.type !== "SpreadElement");
    const item = (isPlain && holder.elements[Number(key)]) || undefined;
    return [item, item];
  }
  if (holder.type !== "ObjectExpression") return [];
  const member = memberOf(tree, holder, key);
  if (!member) return [];
  return [member.key, member.type === "ObjectProperty" ? member.value : undefined];
}

/** By its name, or by its number; later ones win, as they do when the program runs. */
function memberOf(
  tree: Node,
  object: ObjectExpression,
  key: string | number,
): ObjectMember | undefined {
  const members = object.properties.flatMap((property): (ObjectMember | undefined)[] => {
    if (property.type !== "SpreadElement") return [property];
    const spread = plain(tree, property.argument);
    return spread?.type === "ObjectExpression" ? [memberOf(tree, spread, key)] : [];
  });
  const known = members.filter((member) => member !== undefined);
  if (typeof key === "number") return known.length === members.length ? known[key] : undefined;
  return known.findLast((member) => nameOf(member) === key);
}

function nameOf({ key, computed }: ObjectMember): string | undefined {
  if (key.type === "Identifier") return computed ? undefined : key.name;
  if (key.type === "StringLiteral") return key.value;
  return key.type === "NumericLiteral" ? String(key.value) : undefined;
}

/** What types, parentheses, `await` and a constant's name stand for. */
function plain(tree: Node, node: Node | null | undefined, depth = 0): Node | undefined {
  if (!node || depth > 9) return undefined;
  switch (node.type) {
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "ParenthesizedExpression":
      return plain(tree, node.expression, depth + 1);
    case "ArrowFunctionExpression":
      return plain(tree, node.body, depth + 1);
    case "AwaitExpression":
      return plain(tree, node.argument, depth + 1);
    case "Identifier":
      return plain(tree, constantOf(tree, node.name), depth + 1);
    default:
      return node;
  }
}

/** The value of the one constant of that name; of several, nobody knows which. */
function constantOf(tree: Node, name: string): Node | undefined {
  const found = [...nodesIn(tree)].flatMap((node) =>
    node.type === "VariableDeclarator" && node.id.type === "Identifier" && node.id.name === name
      ? [node.init ?? undefined]
      : [],
  );
  return found.length === 1 ? found[0] : undefined;
}
