import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { ExportNamedDeclaration, ImportDeclaration, Node } from "@babel/types";
import { ReynsError, ReynsErrors, type Place } from "../../errors.ts";
import { acceptedHint, didYouMean } from "../../lib/suggest.ts";
import { readJsonc } from "../../lib/jsonc.ts";
import { nodesIn, placeOfNode, treeOf } from "./ast.ts";

interface Fault {
  readonly message: string | undefined;
  readonly specifier: string | undefined;
  readonly referrer: string | undefined;
}

/** A module, or a name in one, that is not there; a JSON file that is none. Bun says of neither where. */
export function importFault(
  { message = "", specifier, referrer }: Fault,
  file: string,
  exported: readonly string[],
): ReynsError | ReynsErrors | undefined {
  if (specifier !== undefined) return missingModules(specifier, referrer ?? file);
  const [, name, from] = /^Export named '(.+)' not found in module '(.+)'/.exec(message) ?? [];
  if (name !== undefined && from !== undefined) return missingName(name, from, file, exported);
  const whole = /^Missing 'default' export in module '(.+)'/.exec(message)?.[1];
  if (whole !== undefined) return missingName("default", whole, file, exported);
  return message.startsWith("JSON Parse error") ? brokenJson(file) : undefined;
}

/** Bun stops at the first one of a file. */
function missingModules(first: string, file: string): ReynsError | ReynsErrors {
  const imports = importsIn(file);
  const missing = imports.filter(({ source }) => source === first || !isThere(source, file));
  const errors = missing.map(({ source, at }) => missingModule(source, at));
  if (errors.length > 1) return new ReynsErrors(errors);
  return errors[0] ?? missingModule(first, { file });
}

function isThere(specifier: string, file: string): boolean {
  if (served.has(specifier)) return true;
  try {
    Bun.resolveSync(specifier, dirname(file));
    return true;
  } catch {
    return false;
  }
}

/** What the executable itself has for a `reyns.ts`. */
const served = new Set(["reyns", "zx"]);

function missingModule(specifier: string, at: Place): ReynsError {
  const { file } = at;
  const isPath = /^[./]/.test(specifier);
  const what = isPath
    ? `there is no ${specifier}`
    : `there is no package "${packageOf(specifier)}"`;
  const hint = isPath ? nearbyHint(specifier, file) : packageHint(packageOf(specifier));
  return new ReynsError("INVALID_PROJECT", what, { at, hint });
}

/** Nobody is led to install what is a slip of the keyboard: the registry may have something under that name. */
function packageHint(name: string): string {
  return didYouMean(name, served) ?? `install it beside this file: npm install ${name}`;
}

/** `@scope/name/path` -> `@scope/name` */
function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function nearbyHint(specifier: string, file: string): string {
  const folder = dirname(resolve(dirname(file), specifier));
  if (!existsSync(folder)) return `there is no folder ${dirname(specifier)}`;
  const files = readdirSync(folder).filter((name) => /\.([cm]?[jt]sx?|json)$/.test(name));
  const others = files.filter((name) => resolve(folder, name) !== file);
  if (others.length === 0) return "no file to import lies there";
  return acceptedHint(basename(specifier), others);
}

/** A name that a module does not export, placed where the project imports it. */
function missingName(
  name: string,
  module: string,
  file: string,
  exported: readonly string[],
): ReynsError {
  const isOurs = module === "reyns";
  const importing = filesOf(file)
    .flatMap(importsIn)
    .find((one) => one.names.has(name) && (one.source === module || one.path === module));
  const shown = isOurs ? '"reyns"' : (importing?.source ?? basename(module));
  const names = isOurs ? exported : exportsOf(module);
  const message =
    name === "default" ? `${shown} has no default export` : `${shown} exports no "${name}"`;
  const hint =
    name === "default"
      ? `name what you need: import { … } from ${JSON.stringify(importing?.source ?? module)}; `
      : "";
  return new ReynsError("INVALID_PROJECT", message, {
    at: importing?.names.get(name) ?? { file },
    hint: hint + acceptedHint(name, names),
  });
}

function brokenJson(file: string): ReynsError | undefined {
  const paths = filesOf(file)
    .flatMap(importsIn)
    .map(({ path }) => path);
  for (const path of paths.filter((one) => one.endsWith(".json") && existsSync(one))) {
    try {
      readJsonc(path);
    } catch (error) {
      if (error instanceof ReynsErrors) return error.errors[0];
      if (error instanceof ReynsError) return error;
    }
  }
  return undefined;
}

interface Import {
  /** As it is written. */
  readonly source: string;
  /** Of a relative one: its file. */
  readonly path: string;
  readonly at: Place;
  /** Where each of its names stands. */
  readonly names: ReadonlyMap<string, Place>;
}

function importsIn(file: string): Import[] {
  const tree = treeOf(file);
  return tree ? [...nodesIn(tree)].flatMap((node) => importOf(node, file)) : [];
}

function importOf(node: Node, file: string): Import[] {
  const source = isOfTypes(node) ? undefined : sourceOf(node);
  if (source?.type !== "StringLiteral") return [];
  const names = node.type === "ImportDeclaration" ? importedNames(node, file) : [];
  const path = source.value.startsWith(".") ? resolve(dirname(file), source.value) : "";
  const known = ["", ".ts", ".js", "/index.ts"]
    .map((end) => path + end)
    .find((one) => path !== "" && existsSync(one));
  return [
    {
      source: source.value,
      path: known ?? path,
      at: placeOfNode(file, source),
      names: new Map(names),
    },
  ];
}

/** Of a module that is not loaded for it. */
function isOfTypes(node: Node): boolean {
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

/** The file and the project's own files that it leads to. */
function filesOf(file: string, found: string[] = []): string[] {
  if (found.includes(file) || !/\.[cm]?[jt]s$/.test(file)) return found;
  found.push(file);
  for (const { path } of importsIn(file)) if (path !== "" && existsSync(path)) filesOf(path, found);
  return found;
}

function exportsOf(file: string): string[] {
  const tree = treeOf(file);
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
