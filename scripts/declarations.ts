// Writes dist/editor/reyns.d.ts, the types of the modules "reyns" and "zx" for editors: TypeScript's declarations of src/api
// in one file, so that no package is needed. Usage: bun scripts/declarations.ts
import { cp, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { parse, type Declaration, type Parsed } from "./declaration-file.ts";

const root = dirname(import.meta.dir);
const entry = join(root, "src/api/module.d.ts");
const target = join(root, "dist/editor/reyns.d.ts");

/** Writes TypeScript's declarations of src/api and of the files it imports to a folder. */
async function emitDeclarations(folder: string): Promise<void> {
  const settings =
    "--ignoreConfig --declaration --emitDeclarationOnly --strict --exactOptionalPropertyTypes --skipLibCheck " +
    "--target ESNext --module Preserve --types bun-types --allowImportingTsExtensions";
  const files = ["index.ts", "shell.ts", "tasks.ts"].map((name) => join(root, "src/api", name));
  const args = [...settings.split(" "), "--rootDir", join(root, "src"), "--outDir", folder];
  const child = Bun.spawn([join(root, "node_modules/.bin/tsc"), ...args, ...files], {
    stdout: "pipe",
  });
  const [output, status] = await Promise.all([child.stdout.text(), child.exited]);
  if (status !== 0) throw new Error(`tsc cannot declare src/api:\n${output}`);
}

/** Collects the declarations of all files that the entry imports, directly or not. */
async function collect(folder: string, start: Parsed): Promise<Map<string, Declaration>> {
  const found = new Map<string, Declaration>();
  const seen = new Set<string>();
  const queue = start.imports.map((name) => resolve(dirname(entry), name));
  for (let source = queue.shift(); source !== undefined; source = queue.shift()) {
    if (seen.has(source)) continue;
    seen.add(source);
    const emitted = join(folder, relative(join(root, "src"), source).replace(/\.ts$/, ".d.ts"));
    const { declarations, imports } = await parse(emitted);
    for (const declaration of declarations) {
      const before = found.get(declaration.name);
      if (before && before.text !== declaration.text)
        throw new Error(`two declarations have the name ${declaration.name}: rename one of them`);
      found.set(declaration.name, declaration);
    }
    queue.push(...imports.map((name) => resolve(dirname(source), name)));
  }
  return found;
}

/** The exports of a module: whole declarations, and members of other declarations. */
interface Exported {
  /** Name -> the file that declares it, as the entry imports it. */
  readonly names: ReadonlyMap<string, string>;
  readonly members: readonly { readonly name: string; readonly text: string }[];
}

/** Types whose members the entry exports one by one -> the declaration with the members. */
const holders: Readonly<Record<string, string>> = {
  Api: "createApi",
  ShellHelpers: "ShellHelpers",
};

function exportsOf({ program, text }: Parsed, found: ReadonlyMap<string, Declaration>): Exported {
  const names = new Map<string, string>();
  const members: { name: string; text: string }[] = [];
  for (const statement of program) {
    if (statement.type !== "ExportNamedDeclaration") continue;
    for (const { exported } of statement.specifiers)
      names.set("name" in exported ? exported.name : "", statement.source?.value ?? "");
    const indexed = /^export declare const (\S+): (\w+)\["(.+)"\];$/.exec(
      text.slice(statement.start, statement.end),
    );
    const [, name = "", type = "", key = ""] = indexed ?? [];
    if (!indexed) continue;
    const member = found.get(holders[type] ?? "")?.members.get(key);
    if (member === undefined) throw new Error(`${relative(root, entry)}: ${type} has no "${key}"`);
    members.push({ name, text: constants(name, member) });
  }
  return { names, members };
}

/** Turns a member of an object type into exports: a constant, or each overload of a function. */
function constants(name: string, member: string): string {
  const kind = member.includes(`${name}:`) ? "const" : "function";
  return member.replaceAll(
    new RegExp(`^(readonly )?${RegExp.escape(name)}(?=[:(<])`, "gm"),
    () => `export ${kind} ${name}`,
  );
}

/** The declarations that the texts refer to, directly or not, in their original order. */
function needed(texts: readonly string[], found: ReadonlyMap<string, Declaration>): Declaration[] {
  const wanted = new Set<string>();
  const queue = [...texts];
  for (let text = queue.shift(); text !== undefined; text = queue.shift()) {
    for (const [word] of text.matchAll(/[\w$]+/g)) {
      const declaration = found.get(word);
      if (!declaration || wanted.has(word)) continue;
      wanted.add(word);
      queue.push(withoutComments(declaration.text));
    }
  }
  return [...found.values()].filter(({ name }) => wanted.has(name));
}

function moduleText({ names, members }: Exported, found: ReadonlyMap<string, Declaration>): string {
  const texts = members.map(({ text }) => text);
  const wanted = needed([...names.keys(), ...texts].map(withoutComments), found).map(
    ({ name, text, comment }) => `${comment}${names.has(name) ? "export " : ""}${text}\n`,
  );
  return [...texts, ...wanted, "export {};\n"].join("");
}

/** Removes comments, as their words are not names of types. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\//g, "");
}

/** The module "zx": the exports that "reyns" has as well, and the others without a type. */
async function zxText({ names, members }: Exported, shell: Declaration): Promise<string> {
  const helpers = members.map(({ name }) => name).filter((name) => shell.members.has(name));
  const types = [...names].flatMap(([name, source]) => (source === "./shell.ts" ? name : []));
  const rest = Object.keys(await import("zx")).filter(
    (name) => !helpers.includes(name) && name !== "default" && name !== "module.exports",
  );
  return [
    `export { ${helpers.join(", ")} } from "reyns";\n`,
    ...types.map((name) => `export type ${name} = import("reyns").${name};\n`),
    "// The rest, see https://google.github.io/zx/api\n",
    ...rest.map((name) => `export const ${name}: any;\n`),
  ].join("");
}

async function bundle(): Promise<string> {
  const folder = await mkdtemp(join(root, "dist/declarations-"));
  try {
    await emitDeclarations(folder);
    const parsed = await parse(entry);
    const found = await collect(folder, parsed);
    const shell = found.get("ShellHelpers");
    if (!shell) throw new Error("src/api/shell.ts does not declare ShellHelpers");
    const exported = exportsOf(parsed, found);
    return [
      "// Types for reyns.ts, generated by Reyns: changes are lost.\n",
      `declare module "reyns" {\n${moduleText(exported, found)}}\n`,
      `declare module "zx" {\n${await zxText(exported, shell)}}\n`,
    ].join("\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The last change of the sources of the declarations. */
async function newest(): Promise<number> {
  const sources = [
    "src/api/*",
    "src/model/*",
    "src/lib/*",
    "src/errors.ts",
    "scripts/*.ts",
    "bun.lock",
  ];
  const files = (
    await Promise.all(sources.map((pattern) => Array.fromAsync(new Bun.Glob(pattern).scan(root))))
  ).flat();
  const stats = await Promise.all(files.map((file) => stat(join(root, file))));
  return Math.max(...stats.map(({ mtimeMs }) => mtimeMs));
}

async function formatted(text: string): Promise<string> {
  const command = [join(root, "node_modules/.bin/oxfmt"), "--stdin-filepath", "editor/reyns.d.ts"];
  const child = Bun.spawn(command, { cwd: root, stdin: Buffer.from(text), stdout: "pipe" });
  return child.stdout.text();
}

/** Writes dist/editor, unless its declarations are newer than their sources. */
export async function writeDeclarations(): Promise<void> {
  const existing = await stat(target).catch(() => undefined);
  if (existing && existing.mtimeMs > (await newest())) return;
  await mkdir(dirname(target), { recursive: true });
  await cp(join(root, "editor"), dirname(target), { recursive: true });
  await writeFile(join(dirname(target), ".gitignore"), "*\n");
  // Renamed at the end, so that tests running at the same time never read half a file.
  const draft = `${target}.${process.pid}`;
  await writeFile(draft, await formatted(await bundle()));
  await rename(draft, target);
}

if (import.meta.main) await writeDeclarations();
