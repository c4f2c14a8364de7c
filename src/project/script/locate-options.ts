import type { CallExpression, Node, ObjectExpression, ObjectMember } from "@babel/types";
import type { JsonPath } from "../../model/schema-errors.ts";
import { errorWith, type Place, type ReynsError } from "../../errors.ts";
import { findCallAt, nodesIn, parseScript } from "./ast.ts";

/**
 * Moves errors to the keys and list items that the paths of their places lead to. Values from spreads, functions or other
 * files are located at the nearest node that can be followed, in the end the call.
 */
export function locateErrors(errors: readonly ReynsError[]): ReynsError[] {
  const locate = createLocator();
  return errors.map((error) => {
    const { at } = error;
    return at?.path === undefined ? error : errorWith(error, { at: locate(at) });
  });
}

/** Resolves the paths of places in the same way; reads each file once. */
export function createLocator(): (place: Place) => Place {
  const trees = new Map<string, Node | undefined>();
  return (place) => {
    const { path, ...call } = place;
    if (path === undefined) return place;
    if (!trees.has(call.file)) trees.set(call.file, parseScript(call.file));
    return { ...call, ...locateInCall(trees.get(call.file), call, path) };
  };
}

function locateInCall(
  tree: Node | undefined,
  { line, column }: Place,
  path: JsonPath,
): Partial<Place> {
  if (!tree || line === undefined || column === undefined) return {};
  const call = findCallAt(tree, line, column);
  if (!call) return {};
  const found = findNode(tree, call, path) ?? call;
  const start = found.loc?.start;
  // For the call itself, the place of the stack is better: its name, which may come after the object it belongs to.
  return start && found !== call ? { line: start.line, column: start.column + 1 } : {};
}

/** The key or item at the end of a path, or the last one on the way. */
function findNode(tree: Node, call: CallExpression, path: JsonPath): Node | undefined {
  const [first, ...rest] = path;
  if (typeof first === "number") return call.arguments[first];
  const options = call.arguments
    .map((argument) => unwrap(tree, argument))
    .find((argument) => argument?.type === "ObjectExpression");
  return first === undefined ? undefined : walk(tree, options, [first, ...rest]);
}

function walk(tree: Node, holder: Node | undefined, path: JsonPath): Node | undefined {
  const [key, ...rest] = path;
  if (holder === undefined || key === undefined) return undefined;
  const [place, value] = findPart(tree, holder, key);
  return walk(tree, unwrap(tree, value), rest) ?? place;
}

type Part = readonly [place?: Node | undefined, value?: Node | undefined];

/** The node that locates a part of an object or list, and its value. */
function findPart(tree: Node, holder: Node, key: string | number): Part {
  if (holder.type === "ArrayExpression") {
    const hasNoSpread = holder.elements.every((element) => element?.type !== "SpreadElement");
    const item = (hasNoSpread && holder.elements[Number(key)]) || undefined;
    return [item, item];
  }
  if (holder.type !== "ObjectExpression") return [];
  const member = findMember(tree, holder, key);
  if (!member) return [];
  return [member.key, member.type === "ObjectProperty" ? member.value : undefined];
}

/** Finds a member by name or index; later ones win, as they do at run time. */
function findMember(
  tree: Node,
  object: ObjectExpression,
  key: string | number,
): ObjectMember | undefined {
  const members = object.properties.flatMap((property): (ObjectMember | undefined)[] => {
    if (property.type !== "SpreadElement") return [property];
    const spread = unwrap(tree, property.argument);
    return spread?.type === "ObjectExpression" ? [findMember(tree, spread, key)] : [];
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

/** Removes type assertions, parentheses and `await`, and follows constants. */
function unwrap(tree: Node, node: Node | null | undefined, depth = 0): Node | undefined {
  if (!node || depth > 9) return undefined;
  switch (node.type) {
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "ParenthesizedExpression":
      return unwrap(tree, node.expression, depth + 1);
    case "ArrowFunctionExpression":
      return unwrap(tree, node.body, depth + 1);
    case "CallExpression":
      return optionsOfValue(node) ?? node;
    case "AwaitExpression":
      return unwrap(tree, node.argument, depth + 1);
    case "Identifier":
      return unwrap(tree, findConstant(tree, node.name), depth + 1);
    default:
      return node;
  }
}

/** The options of a function of "reyns" that returns a value with them: `file("./a", { mode: 0o600 })`. */
function optionsOfValue({ callee, arguments: given }: CallExpression): Node | undefined {
  const returnsOptions = callee.type === "Identifier" && /^(?:file|required)$/.test(callee.name);
  return returnsOptions ? given.find(({ type }) => type === "ObjectExpression") : undefined;
}

/** The value of the only constant of that name; if there are several, it is ambiguous. */
function findConstant(tree: Node, name: string): Node | undefined {
  const found = [...nodesIn(tree)].flatMap((node) =>
    node.type === "VariableDeclarator" && node.id.type === "Identifier" && node.id.name === name
      ? [node.init ?? undefined]
      : [],
  );
  return found.length === 1 ? found[0] : undefined;
}
