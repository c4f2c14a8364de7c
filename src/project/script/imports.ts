import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { ExportNamedDeclaration, ImportDeclaration, Node } from "@babel/types";
import type { Place } from "../../errors.ts";
import { nodesIn, parseScript, placeOfNode } from "./ast.ts";

/** An import or re-export of a file. */
interface Import {
  /** The specifier, as written. */
  readonly source: string;
  /** The file of a relative import, else empty. */
  readonly path: string;
  readonly at: Place;
  /** The places of the imported names. */
  readonly names: ReadonlyMap<string, Place>;
}

/** The imports and re-exports of a file that load a module. */
export function findImports(file: string): Import[] {
  const tree = parseScript(file);
  return tree ? [...nodesIn(tree)].flatMap((node) => importOf(node, file)) : [];
}

function importOf(node: Node, file: string): Import[] {
  const source = isTypeImport(node) ? undefined : sourceOf(node);
  if (source?.type !== "StringLiteral") return [];
  const names = node.type === "ImportDeclaration" ? importedNames(node, file) : [];
  const path = source.value.startsWith(".") ? resolve(dirname(file), source.value) : "";
  const existing = ["", ".ts", ".js", "/index.ts"]
    .map((end) => path + end)
    .find((candidate) => path !== "" && existsSync(candidate));
  return [
    {
      source: source.value,
      path: existing ?? path,
      at: placeOfNode(file, source),
      names: new Map(names),
    },
  ];
}

/** Imports of types do not load the module. */
function isTypeImport(node: Node): boolean {
  const kind = "importKind" in node ? node.importKind : "exportKind" in node && node.exportKind;
  return kind === "type";
}

function sourceOf(node: Node): Node | null | undefined {
  if (node.type === "ImportDeclaration" || node.type === "ExportAllDeclaration") return node.source;
  if (node.type === "ExportNamedDeclaration") return node.source;
  if (node.type === "ImportExpression") return node.source;
  return node.type === "CallExpression" && node.callee.type === "Import"
    ? node.arguments[0]
    : undefined;
}

function importedNames({ specifiers }: ImportDeclaration, file: string): [string, Place][] {
  return specifiers.flatMap((specifier): [string, Place][] => {
    const place = placeOfNode(file, specifier);
    if (specifier.type === "ImportDefaultSpecifier") return [["default", place]];
    if (specifier.type === "ImportNamespaceSpecifier") return [];
    const { imported } = specifier;
    return [[imported.type === "Identifier" ? imported.name : imported.value, place]];
  });
}

/** The file and all files of the project that it imports, directly or not. */
export function filesImportedBy(file: string, found: string[] = []): string[] {
  if (found.includes(file) || !/\.[cm]?[jt]s$/.test(file)) return found;
  found.push(file);
  for (const { path } of findImports(file))
    if (path !== "" && existsSync(path)) filesImportedBy(path, found);
  return found;
}

/** The names that a file exports. */
export function findExports(file: string): string[] {
  const tree = parseScript(file);
  const nodes = tree ? [...nodesIn(tree)] : [];
  return nodes.flatMap((node) =>
    node.type === "ExportNamedDeclaration" ? exportedNames(node) : [],
  );
}

function exportedNames({ declaration, specifiers }: ExportNamedDeclaration): string[] {
  const named = specifiers.map(({ exported }) =>
    exported.type === "Identifier" ? exported.name : exported.value,
  );
  if (declaration?.type === "VariableDeclaration")
    return declaration.declarations.flatMap(({ id }) => (id.type === "Identifier" ? id.name : []));
  const own =
    declaration && "id" in declaration && declaration.id?.type === "Identifier"
      ? [declaration.id.name]
      : [];
  return [...named, ...own];
}
