// Checks that the rooms of src/ import each other only along the table below: bun scripts/import-table.ts
import { readdir } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { parseSync, type ParseResult } from "oxc-parser";

const root = dirname(import.meta.dir);
const sources = join(root, "src");

/** Room -> the rooms that it may import from. All of them may import from `everywhere`. */
export const table: Readonly<Record<string, readonly string[]>> = {
  cli: ["ui", "project", "plan", "runtime", "install"],
  ui: ["plan", "runtime"],
  project: ["api"],
  api: [],
  plan: [],
  runtime: ["docker", "dns"],
  docker: [],
  dns: [],
  install: [],
  model: [],
  lib: [],
};

/** Rooms and files of src/ that every room may import, and the rooms that do without them. */
const everywhere = ["model", "lib", "errors.ts", "assets.ts", "version.ts"];
const exceptions: Readonly<Record<string, readonly string[]>> = {
  // Not a word of this program.
  lib: [],
  model: ["lib", "errors.ts"],
};

/** Rooms of which the importing room takes only types. */
const typesOnly: Readonly<Record<string, readonly string[]>> = { ui: ["plan", "runtime"] };

/** Package -> the rooms that may use it. */
const packages: Readonly<Record<string, readonly string[]>> = {
  dockerode: ["docker"],
  "docker-modem": ["docker"],
  zx: ["api", "project"],
  citty: ["cli"],
  consola: ["ui"],
  "@clack/prompts": ["ui"],
  yaml: ["project"],
};

/** One import, with the rooms or root files of both ends. */
export interface Import {
  readonly file: string;
  readonly from: string;
  /** Undefined for a package. */
  readonly to: string | undefined;
  readonly specifier: string;
  readonly isType: boolean;
}

/** Every import of src/, type imports and `import()` included. */
export async function readImports(): Promise<Import[]> {
  const names = await readdir(sources, { recursive: true });
  const files = names.filter((name) => name.endsWith(".ts")).map((name) => join(sources, name));
  const all = await Promise.all(files.map(importsOf));
  return all.flat();
}

async function importsOf(file: string): Promise<Import[]> {
  const text = await Bun.file(file).text();
  const { module } = parseSync(file, text);
  return specifiersIn(module, text).map(({ specifier, isType }) => ({
    file: relative(root, file),
    from: roomOf(file),
    to: specifier.startsWith(".") ? roomOf(resolve(dirname(file), specifier)) : undefined,
    specifier,
    isType,
  }));
}

function specifiersIn(
  { staticImports, staticExports, dynamicImports }: ParseResult["module"],
  text: string,
): Pick<Import, "specifier" | "isType">[] {
  return [
    ...staticImports.map(({ moduleRequest, entries }) => ({
      specifier: moduleRequest.value,
      isType: entries.length > 0 && entries.every((entry) => entry.isType),
    })),
    ...staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest ? [{ specifier: moduleRequest.value, isType }] : [],
      ),
    ),
    ...dynamicImports.map(({ moduleRequest: { start, end } }) => ({
      specifier: text.slice(start + 1, end - 1),
      isType: false,
    })),
  ];
}

/** `src/plan/select/match.ts` -> "plan"; `src/errors.ts` -> "errors.ts" */
function roomOf(file: string): string {
  return relative(sources, file).split("/")[0] ?? "";
}

/** What is wrong with an import; undefined when the table allows it. */
function violationOf({ from, to, specifier, isType }: Import): string | undefined {
  if (to === undefined) {
    const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
    const users = packages[name];
    return users === undefined || users.includes(from) || isType
      ? undefined
      : `only ${users.join(" and ")} may use ${name}`;
  }
  if (from === to || from === "main.ts" || to.startsWith("..")) return undefined;
  const allowed = table[from];
  // A file of src/ itself serves everybody, and imports only what everybody may.
  const shared = exceptions[from] ?? everywhere;
  if (shared.includes(to)) return undefined;
  if (!allowed?.includes(to)) return `${from} may not import from ${to}`;
  return typesOnly[from]?.includes(to) && !isType
    ? `${from} may import only types from ${to}`
    : undefined;
}

/** Every import that the table does not allow: "src/ui/x.ts: ui may not import from cli". */
export async function findViolations(): Promise<string[]> {
  const imports = await readImports();
  const rooms = new Set(imports.map(({ from }) => from).filter((room) => !room.endsWith(".ts")));
  const unknown = [...rooms].filter((room) => !(room in table));
  return [
    ...unknown.map((room) => `src/${room}/ is not in the table of scripts/import-table.ts`),
    ...imports.flatMap((one) => {
      const violation = violationOf(one);
      return violation === undefined ? [] : `${one.file}: ${violation} ("${one.specifier}")`;
    }),
  ];
}

if (import.meta.main) {
  const violations = await findViolations();
  if (violations.length > 0) console.log(violations.join("\n"));
  process.exitCode = violations.length === 0 ? 0 : 1;
}
