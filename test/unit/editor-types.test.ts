// The type errors that an editor shows for a reyns.ts without installed packages, according to TypeScript.
import { expect, setDefaultTimeout, test } from "bun:test";
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectFolder } from "./support/project-folder.ts";

const root = join(import.meta.dir, "../..");

setDefaultTimeout(30_000);

/** The output of `tsc` for files (name -> text), each the `reyns.ts` of its own project. */
async function complaints(
  files: Readonly<Record<string, string>>,
  packages: readonly string[] = [],
): Promise<string[]> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "reyns-types-")));
  try {
    for (const [name, text] of Object.entries(files))
      await writeFile(join(folder, `${name}.ts`), text);
    for (const name of packages) {
      await mkdir(dirname(join(folder, "node_modules", name)), { recursive: true });
      await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
    }
    await cp(join(root, "dist/editor"), join(folder, ".reyns"), { recursive: true });
    await writeFile(join(folder, "tsconfig.json"), '{ "extends": "./.reyns/tsconfig.json" }');
    const tsc = join(root, "node_modules/.bin/tsc");
    // Our declarations are checked as well, those of packages are not.
    const skip = String(packages.length > 0);
    const words = [tsc, "--pretty", "false", "--skipLibCheck", skip, "-p", "."];
    const child = Bun.spawn(words, { cwd: folder, stdout: "pipe" });
    return (await child.stdout.text()).split("\n").filter((line) => line !== "");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The examples of a page that import what they use. */
async function examplesOf(page: string): Promise<[string, string][]> {
  const text = await Bun.file(join(root, page)).text();
  const blocks = [...text.matchAll(/^```ts\n([^]*?)^```/gm)].map(([, block = ""]) => block);
  const whole = blocks.filter((block) => block.includes('from "reyns"'));
  return whole.map((block, index) => [`${page.replaceAll("/", "-")}-${index}`, block]);
}

/** Project -> its `reyns.ts`. */
async function bundled(): Promise<Record<string, string>> {
  const names = await readdir(join(root, "templates"));
  const places = [["demo", "demo"], ...names.map((name) => [name, `templates/${name}`])];
  const texts = places.map(async ([name = "", place = ""]) => [
    name,
    await Bun.file(join(root, place, "reyns.ts")).text(),
  ]);
  return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
}

test("the demo, the templates and every export pass the type check", async () => {
  const text = `
import { conf, dns, expect, fromInterface, link, project, ready, required, service, task, test } from "reyns";
import { $, cd, echo, expBackoff, fs, glob, os, path, question, quote, retry, sleep, spinner } from "reyns";
import { tmpdir, which, within, YAML, type ProcessOutput, type TaskContext, type TestContext } from "reyns";
import { $ as zx, chalk, type ProcessPromise } from "zx";
import { readFileSync } from "node:fs";
project("shop");
const here: string = (await $\`pwd\`.quiet()).stdout;
const lines: string[] = await zx({ cwd: here, env: { A: "a" } })\`ls \${["a", "b"]}\`.nothrow().pipe\`sort\`.lines();
const ns = dns({ env: { SERVICE_IP: fromInterface("eth0"), N: 1, B: true, ASK: null, P: required({ secret: true }) } });
const db = service("db", { image: async () => "x", after: [ns], links: [link(ns, "dns"), link("a-*")], volumes: { a: "/a" },
  ports: [80, { container: 53, protocol: "udp" }], command: ["a"], ready: ready.log(/up/) });
conf("other", async () => void service(lines[0] ?? readFileSync("x", "utf8"), { env: { HOME: process.env.HOME ?? null } }));
async function help({ exec, args }: TaskContext): Promise<number> {
  const { exitCode }: { exitCode: number } = await exec(db, "ls", { nothrow: true, user: "root", input: args.text ?? "" });
  return exitCode + (await exec("db", "one", ["ls"])).exitCode;
}
task("all", "All", async (context) => {
  cd("/"); echo(chalk.red("x")); await sleep("1s"); console.log(await help(context), import.meta.dirname, os.hostname());
  const data: unknown = YAML.parse(await fs.readFile(path.join(tmpdir(), quote("a")), "utf8"));
  const made: number = await retry(3, expBackoff(), () => spinner("x", async () => 1));
  const answer: string = await question("Which? ", { choices: await glob("*") });
  const tool: string | null = await which("git", { nothrow: true });
  const one: ProcessPromise = within(() => context.$\`true\`);
  await one.catch((error: ProcessOutput) => error.exitCode);
  if (answer === "fetch") console.log(await (await fetch(new URL("http://db"))).text(), data, made, tool);
});
test("all", async ({ exec, fetch, url, logs, $ }: TestContext) => {
  const answer = await fetch(db, "/orders", { method: "POST", body: "{}" });
  expect(answer.status).toBe(201);
  expect(await answer.json()).toMatchObject({ ids: [expect.any(Number)], at: expect.stringMatching(/Z$/) });
  expect((await fetch(new URL("https://shop.example.com/"))).headers.get("a")).not.toBeNull();
  await expect(exec("db", "false")).rejects.toThrow("status 1");
  await $\`curl \${url("db", 80)}\`;
  expect((await logs(db, { tail: 3 })).split("\\n"), "the log").toHaveLength(3);
}, { timeout: "1m", parallel: true });
test.skip("later", () => {}); // In a project: Reyns has to list it as skipped.
`;
  const projects = await bundled();
  expect(Object.keys(projects).toSorted()).toEqual(["demo", "minimal", "multinode", "web-db"]);
  const pages = await Promise.all(
    ["README.md", "docs/reyns-ts.md", "docs/tasks-and-templates.md", "docs/testing.md"].map(
      examplesOf,
    ),
  );
  const examples = Object.fromEntries(pages.flat());
  expect(Object.keys(examples).length).toBeGreaterThan(1);
  expect(await complaints({ ...projects, ...examples, all: text })).toEqual([]);
});

test("an installed @types/node is used", async () => {
  const text = `import { readFileSync } from "node:fs";
import { $ } from "reyns";
export const size: number = readFileSync("x").byteLength + process.memoryUsage().rss;
export const wrong: string = readFileSync("x");
export const answer = await fetch(new URL("http://db"), { signal: AbortSignal.timeout(1) });
export const text: string = answer.headers.get("a") ?? (await $\`ls\`).stdout;
`;
  const [first = "", ...more] = await complaints({ reyns: text }, ["@types/node", "undici-types"]);
  expect(first).toStartWith("reyns.ts(4,14): error TS2322: ");
  expect(more.filter((line) => line.startsWith("reyns"))).toEqual([]);
  const without = text.replace(" + process.memoryUsage().rss", "");
  expect(await complaints({ reyns: without })).toEqual([]);
});

test("the declared exports are those that the executable serves", async () => {
  await using project = await projectFolder({
    "reyns.ts": `import * as all from "reyns";
import * as zx from "zx";
globalThis.served = [Object.keys(all), Object.keys(zx)];`,
  });
  expect(await project.mistakes()).toEqual([]);
  const { served } = globalThis as unknown as { served: string[][] };
  const text = await Bun.file(join(root, "dist/editor/reyns.d.ts")).text();
  const [own = "", zx = ""] = text.split('declare module "zx"');
  const listed = /export \{([^}]*)\} from "reyns"/.exec(zx)?.[1]?.match(/[\w$]+/g) ?? [];
  const declared = [valuesOf(own), [...valuesOf(zx), ...listed]];
  for (const [index, names] of served.entries())
    expect(names.toSorted()).toEqual([...new Set(declared[index])].toSorted());
});

test("every export has a comment", async () => {
  const lines = (await Bun.file(join(root, "dist/editor/reyns.d.ts")).text()).split("\n");
  const own = lines.slice(0, lines.indexOf('declare module "zx" {'));
  const names = own.map(
    (line) => /^ {2}export (?:const|function|interface|type) ([\w$]+)/.exec(line)?.[1],
  );
  const silent = names.filter(
    (name, index) =>
      // Of a function with several forms the first one explains it.
      name !== undefined && names.indexOf(name) === index && !own[index - 1]?.endsWith("*/"),
  );
  expect(silent).toEqual([]);
});

/** Names of what a module declares and is there when it runs. */
function valuesOf(text: string): string[] {
  return [...text.matchAll(/^ {2}export (?:const|function) ([\w$]+)/gm)].map(
    ([, name = ""]) => name,
  );
}

const wrong: [string, RegExp][] = [
  ['service("web", { imag: "x" });', /TS2561: .*Did you mean to write 'image'/],
  ['service("web", { instanceType: "mastr" });', /TS2820: .*Did you mean '"master"'\?/],
  ['service("web", { ports: ["eighty", true] });', /TS2322: /],
  ["service();", /TS2554: Expected 1-2 arguments, but got 0/],
  ["const text: string = required();", /TS2322: Type 'EnvValue' is not assignable/],
  ['service("web", { ready: 80 });', /TS2322: Type 'number' is not assignable to type 'ReadyCheck/],
  ["const text: string = $`ls`;", /TS2322: Type 'ProcessPromise' is not assignable/],
  ["const text: number = (await $`ls`).stdout;", /TS2322: Type 'string' is not assignable/],
  ['task("a", async () => {});', /TS2554: Expected 3 arguments, but got 2/],
  [
    'task("a", "x", async ({ exec }) => void (await exec("db", "ls", { usr: "x" })));',
    /TS2769: No overload matches|TS2353/,
  ],
  ['task("a", "x", ({ args }) => args.to.length);', /TS18048: 'args.to' is possibly 'undefined'/],
];

test("mistakes in a reyns.ts are type errors", async () => {
  const head = 'import { $, required, service, task } from "reyns";';
  const text = [head, ...wrong.map(([line]) => `{ ${line} }`)].join("\n");
  const said = await complaints({ wrong: `${text}\nvoid [$, required, task];\n` });
  for (const [index, [line, complaint]] of wrong.entries()) {
    const here = said.filter((one) => one.startsWith(`wrong.ts(${index + 2},`));
    expect(`${line}: ${here.join("")}`).toMatch(complaint);
  }
  const lines = said.flatMap((one) => /^wrong\.ts\((\d+),/.exec(one)?.[1] ?? []);
  expect(new Set(lines).size).toBe(wrong.length);
});
