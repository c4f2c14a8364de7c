import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { ReynsError, ReynsErrors, type Place } from "../../errors.ts";
import { acceptedHint, didYouMean } from "../../lib/suggest.ts";
import { readJsonc } from "../jsonc.ts";
import { filesImportedBy, findExports, findImports } from "./imports.ts";

interface ImportFailure {
  readonly message: string | undefined;
  readonly specifier: string | undefined;
  readonly referrer: string | undefined;
}

/** Locates a missing module, a missing export, or an invalid JSON file in the importing file, as Bun does not. */
export function importError(
  { message = "", specifier, referrer }: ImportFailure,
  file: string,
  exported: readonly string[],
): ReynsError | ReynsErrors | undefined {
  if (specifier !== undefined) return missingModules(specifier, referrer ?? file);
  const [, name, from] = /^Export named '(.+)' not found in module '(.+)'/.exec(message) ?? [];
  if (name !== undefined && from !== undefined) return missingName(name, from, file, exported);
  const defaultFrom = /^Missing 'default' export in module '(.+)'/.exec(message)?.[1];
  if (defaultFrom !== undefined) return missingName("default", defaultFrom, file, exported);
  return message.startsWith("JSON Parse error") ? brokenJson(file) : undefined;
}

/** Reports all missing modules of a file; Bun stops at the first one. */
function missingModules(first: string, file: string): ReynsError | ReynsErrors {
  const imports = findImports(file);
  const missing = imports.filter(({ source }) => source === first || !canResolve(source, file));
  const errors = missing.map(({ source, at }) => missingModule(source, at));
  if (errors.length > 1) return new ReynsErrors(errors);
  return errors[0] ?? missingModule(first, { file });
}

function canResolve(specifier: string, file: string): boolean {
  if (builtInModules.has(specifier)) return true;
  try {
    Bun.resolveSync(specifier, dirname(file));
    return true;
  } catch {
    return false;
  }
}

/** The modules that the executable serves to a `reyns.ts`. */
const builtInModules = new Set(["reyns", "zx"]);

function missingModule(specifier: string, at: Place): ReynsError {
  const { file } = at;
  const isPath = /^[./]/.test(specifier);
  const message = isPath
    ? `${specifier} does not exist`
    : `package "${packageOf(specifier)}" is not installed`;
  const hint = isPath ? nearbyHint(specifier, file) : packageHint(packageOf(specifier));
  return new ReynsError("INVALID_PROJECT", message, { at, hint });
}

/** Suggests no installation for a misspelt module: the registry may have a package of that name. */
function packageHint(name: string): string {
  return didYouMean(name, builtInModules) ?? `install it next to this file: npm install ${name}`;
}

/** `@scope/name/path` -> `@scope/name` */
function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function nearbyHint(specifier: string, file: string): string {
  const folder = dirname(resolve(dirname(file), specifier));
  if (!existsSync(folder)) return `the folder ${dirname(specifier)} does not exist`;
  const files = readdirSync(folder).filter((name) => /\.([cm]?[jt]sx?|json)$/.test(name));
  const others = files.filter((name) => resolve(folder, name) !== file);
  if (others.length === 0) return "there is no file to import in that folder";
  return acceptedHint(basename(specifier), others);
}

/** A name that a module does not export, at the place of its import. */
function missingName(
  name: string,
  module: string,
  file: string,
  exported: readonly string[],
): ReynsError {
  const isReyns = module === "reyns";
  const importing = filesImportedBy(file)
    .flatMap(findImports)
    .find(({ names, source, path }) => names.has(name) && (source === module || path === module));
  const shown = isReyns ? '"reyns"' : (importing?.source ?? basename(module));
  const accepted = isReyns ? exported : findExports(module);
  const message =
    name === "default" ? `${shown} has no default export` : `${shown} does not export "${name}"`;
  const hint =
    name === "default"
      ? `import names: import { … } from ${JSON.stringify(importing?.source ?? module)}; `
      : "";
  return new ReynsError("INVALID_PROJECT", message, {
    at: importing?.names.get(name) ?? { file },
    hint: hint + acceptedHint(name, accepted),
  });
}

function brokenJson(file: string): ReynsError | undefined {
  const paths = filesImportedBy(file)
    .flatMap(findImports)
    .map(({ path }) => path);
  for (const path of paths.filter((name) => name.endsWith(".json") && existsSync(name))) {
    try {
      readJsonc(path);
    } catch (error) {
      if (error instanceof ReynsErrors) return error.errors[0];
      if (error instanceof ReynsError) return error;
    }
  }
  return undefined;
}
