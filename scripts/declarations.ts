// Makes dist/editor/reyns.d.ts, the types of the modules "reyns" and "zx" for editors, out of what src/api says:
// TypeScript's own declarations of it, put together so that no package is needed. Usage: bun scripts/declarations.ts
import { cp, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { parse, type Declaration, type Parsed } from "./declaration-file.ts";

const root = dirname(import.meta.dir);
const entry = join(root, "src/api/module.d.ts");
const target = join(root, "dist/editor/reyns.d.ts");

/** The declarations that TypeScript makes of src/api and what it takes its types from, in a new folder. */
async function emitDeclarations(folder: string): Promise<void> {
  const settings =
    "--ignoreConfig --declaration --emitDeclarationOnly --strict --exactOptionalPropertyTypes --skipLibCheck " +
    "--target ESNext --module Preserve --types bun-types --allowImportingTsExtensions";
  const files = ["index.ts", "shell.ts", "tasks.ts"].map((name) => join(root, "src/api", name));
  const words = [...settings.split(" "), "--rootDir", join(root, "src"), "--outDir", folder];
  const child = Bun.spawn([join(root, "node_modules/.bin/tsc"), ...words, ...files], {
    stdout: "pipe",
  });
  const [output, status] = await Promise.all([child.stdout.text(), child.exited]);
  if (status !== 0) throw new Error(`tsc makes no declarations of src/api:\n${output}`);
}

/** Every declaration that can be reached from the entry's imports. */
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
        throw new Error(`two declarations are called ${declaration.name}: rename one of them`);
      found.set(declaration.name, declaration);
    }
    queue.push(...imports.map((name) => resolve(dirname(source), name)));
  }
  return found;
}

/** What a module exports: whole declarations, and functions that are members of another one. */
interface Exported {
  /** Name -> the file that it comes from, as the entry calls it. */
  readonly names: ReadonlyMap<string, string>;
  readonly members: readonly { readonly name: string; readonly text: string }[];
}

/** Types whose members the entry exports one by one -> the declaration that has them. */
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

/** A member of an object type as what a module exports: a constant, or each overload of a function. */
function constants(name: string, member: string): string {
  const kind = member.includes(`${name}:`) ? "const" : "function";
  return member.replaceAll(
    new RegExp(`^(readonly )?${RegExp.escape(name)}(?=[:(<])`, "gm"),
    () => `export ${kind} ${name}`,
  );
}

/** The declarations that a text needs, directly or not, in the order in which they were found. */
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

/** Words of a comment are no names. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\//g, "");
}

/** The module "zx": what "reyns" has of it, and the rest without a type, as the executable serves all of it. */
async function zxText({ names, members }: Exported, shell: Declaration): Promise<string> {
  const helpers = members.map(({ name }) => name).filter((name) => shell.members.has(name));
  const types = [...names].flatMap(([name, source]) => (source === "./shell.ts" ? name : []));
  const rest = Object.keys(await import("zx")).filter(
    (name) => !helpers.includes(name) && name !== "default" && name !== "module.exports",
  );
  return [
    `export { ${helpers.join(", ")} } from "reyns";\n`,
    ...types.map((name) => `export type ${name} = import("reyns").${name};\n`),
    "// The rest, as zx's own manual describes it.\n",
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
    if (!shell) throw new Error("src/api/shell.ts has no ShellHelpers any more");
    const all = exportsOf(parsed, found);
    return [
      "// Types of a reyns.ts, written by Reyns: changes are lost.\n",
      `declare module "reyns" {\n${moduleText(all, found)}}\n`,
      `declare module "zx" {\n${await zxText(all, shell)}}\n`,
    ].join("\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The newest change of what the declarations are made of. */
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
  const words = [join(root, "node_modules/.bin/oxfmt"), "--stdin-filepath", "editor/reyns.d.ts"];
  const child = Bun.spawn(words, { cwd: root, stdin: Buffer.from(text), stdout: "pipe" });
  return child.stdout.text();
}

/** Makes dist/editor, unless its declarations are newer than all that they are made of. */
export async function writeDeclarations(): Promise<void> {
  const made = await stat(target).catch(() => undefined);
  if (made && made.mtimeMs > (await newest())) return;
  await mkdir(dirname(target), { recursive: true });
  await cp(join(root, "editor"), dirname(target), { recursive: true });
  await writeFile(join(dirname(target), ".gitignore"), "*\n");
  // By way of a rename: a test that runs at the same time never sees half a file.
  const draft = `${target}.${process.pid}`;
  await writeFile(draft, await formatted(await bundle()));
  await rename(draft, target);
}

if (import.meta.main) await writeDeclarations();
