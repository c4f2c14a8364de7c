import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { providePostgres } from "./support/postgres.ts";
import { freePort } from "./support/free-port.ts";
import {
  createOwnDemo,
  createProject,
  projectIn,
  type Project,
  removeVolumes,
} from "./support/project.ts";
import { reyns } from "./support/reyns.ts";
import { openTerminal, type Terminal } from "./support/terminal.ts";

// The first run on a machine builds the base images and PostgreSQL.
setDefaultTimeout(300_000);

let postgres: Promise<AsyncDisposable> | undefined;
let port = 0;
beforeAll(async () => {
  port = await freePort();
  const folder = await emptyFolder();
  await reyns(folder, "init");
  await rm(folder, { recursive: true });
  // In the background: it takes longer than the tests before the one that needs it.
  postgres = providePostgres();
});
afterAll(async () => (await postgres)?.[Symbol.asyncDispose]());

const tsc = join(import.meta.dir, "../../node_modules/.bin/tsc");

async function emptyFolder(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), "reyns-test-")));
}

/**
 * A project of a template, which is right in the eyes of `reyns check` and of an editor. Its port is one of our own: other
 * tests publish 8080, too.
 */
async function createFrom(template: string): Promise<Project> {
  const outer = await emptyFolder();
  const { status, stdout } = await reyns(outer, `create my-${template} template=${template}`);
  expect(status).toBe(0);
  expect(stdout).toStartWith(
    `Created the project "my-${template}" from the template ${template}.\n`,
  );
  const project = projectIn(join(outer, `my-${template}`), { outer });
  for (const command of await commandsOf(project)) expect(stdout).toContain(command);
  await project.must("check");
  await must(tsc, "-p", project.folder);
  const file = Bun.file(join(project.folder, "reyns.ts"));
  await file.write((await file.text()).replace("127.0.0.1:8080:", `127.0.0.1:${port}:`));
  return project;
}

/** What its README says to do, in order. */
async function commandsOf({ folder }: Project): Promise<string[]> {
  const readme = await readFile(join(folder, "README.md"), "utf8");
  const [, block = ""] = /```\n([^]*?)```/.exec(readme) ?? [];
  return block.split("\n").flatMap((line) => line.replace(/ +# .*$/, "") || []);
}

/** Follows the README, word by word; `curl` is left to the test. */
async function follow(
  project: Project,
  terminal: Terminal,
  curl: () => Promise<void>,
): Promise<void> {
  for (const command of await commandsOf(project)) {
    if (command.startsWith("curl")) await curl();
    else if (command.startsWith("reyns ssh")) {
      await terminal.type(command);
      await terminal.see(/reyns@[\w-]+:~\$$/);
      await terminal.type("exit");
      await terminal.see(/\n\[0\]\$$/);
    } else if (command.startsWith("reyns clean")) {
      await terminal.type(command);
      const screen = await terminal.see(/\?|network removed.*\n\[0\]\$$/);
      if (!screen.includes("network removed")) await terminal.press("y");
      await terminal.see(/network removed.*\n\[0\]\$$/);
    } else if (command.startsWith("reyns logs client"))
      expect(await terminal.run(command)).toContain("says: Hello from web-one on ");
    else if (command.startsWith("reyns logs")) await showsRequest(terminal, command);
    else await terminal.run(command);
  }
}

/** The log has the request that "curl" made, and nothing of Supervisor's own. */
async function showsRequest(terminal: Terminal, command: string): Promise<void> {
  const log = await terminal.run(command);
  expect(log).toContain('"GET / HTTP/1.1" 200');
  expect(log).not.toMatch(/CRIT|INFO/);
}

/** The page of a service, at the address that works on every Engine. */
async function page(): Promise<string> {
  return (await (await fetch(`http://localhost:${port}/`)).text()).trim();
}

test("the README of the template minimal works line by line", async () => {
  await using project = await createFrom("minimal");
  await using terminal = await openTerminal({ folder: project.folder });
  await follow(project, terminal, async () => {
    expect(await page()).toBe("<h1>Hello from hello-one</h1>");
  });
  expect(await project.json("ps all")).toEqual([]);
});

test("the README of the template multinode works on one machine", async () => {
  await using project = await createFrom("multinode");
  await using terminal = await openTerminal({ folder: project.folder });
  await follow(project, terminal, async () => {});
});

test("the README of the template web-db works, and its database survives", async () => {
  await using project = await createFrom("web-db");
  const missing = await project.reyns("run all");
  expect(missing.stderr).toContain("missing value: POSTGRES_PASSWORD");
  await project.must("build all");
  await postgres;
  const env = { POSTGRES_PASSWORD: "it's $ecret" };
  await using terminal = await openTerminal({ folder: project.folder, env });
  try {
    await project.must("run all", { env });
    expect(await page()).toBe("no tables yet: run reyns do migrate");
    await follow(project, terminal, async () => expect(await page()).toBe("visit 1"));
    await project.must("run all", { env });
    await project.must("do migrate");
    expect(await page()).toBe("visit 2");
    await writeFile(join(project.folder, "migrations/002-wrong.sql"), "create tabel x ();\n");
    const failed = await project.reyns("do migrate");
    expect(failed.stderr).toContain('ERROR:  syntax error at or near "tabel"');
    expect(failed.stderr).toMatch(/error reyns\.ts:\d+:\d+: db-one: psql .* exited with status 3/);
    expect(failed.status).toBe(1);
  } finally {
    await project.must("clean all force=True");
    await removeVolumes(project.folder);
  }
});

test("the demo has no type errors", async () => {
  await using demo = await createOwnDemo();
  await demo.must("check");
  await must(tsc, "-p", demo.folder);
});

test("create asks for the template on a terminal", async () => {
  const folder = await emptyFolder();
  await using terminal = await openTerminal({ folder });
  await terminal.type("reyns create shop");
  await terminal.see("Which template?");
  await terminal.press("Down", "Enter");
  await terminal.see(/from the template web-db\.[^]*\n\[0\]\$$/);
  await terminal.type("reyns create other");
  await terminal.see(/Which template\?[^]*Which template\?/);
  await terminal.press("C-c");
  await terminal.see(/error cancelled; nothing was changed\n\[130\]\$$/);
  expect(await terminal.run("ls")).toBe("shop");
  await rm(folder, { recursive: true, force: true });
});

test("create takes the template minimal without a terminal, and says so", async () => {
  const folder = await emptyFolder();
  const { status, stdout, stderr } = await reyns(folder, "create:shop,json=True");
  const created = JSON.parse(stdout) as { written: string[] };
  expect(created).toMatchObject({ folder: join(folder, "shop"), template: "minimal" });
  expect(created.written).toContain("services/hello/prestartup_hello.sh");
  expect(stderr).toBe(
    "template: minimal; for another one: template=web-db or template=multinode\n",
  );
  expect(status).toBe(0);
  expect(await readFile(join(folder, "shop/reyns.ts"), "utf8")).toContain('project("shop");');
  await rm(folder, { recursive: true, force: true });
});

describe("create refuses a wrong call and writes nothing", () => {
  const refusals: [string, number, string][] = [
    ["create", 2, "error missing argument NAME\n      for example: reyns create shop\n"],
    ["create My_Shop", 2, 'invalid project name "My_Shop"'],
    ["create ../shop", 2, 'invalid project name "../shop"'],
    [
      "create shop template=minimla",
      2,
      'unknown template "minimla"\n      did you mean "minimal"?',
    ],
    ["create full", 1, "error ./full is not empty\n"],
    ["create shop web-db", 2, 'unexpected argument "web-db"'],
  ];
  test.each(refusals)("%s", async (line, expected, why) => {
    const folder = await emptyFolder();
    await mkdir(join(folder, "full/inner"), { recursive: true });
    const { status, stderr } = await reyns(folder, line);
    expect(stderr).toContain(why);
    expect(status).toBe(expected);
    expect(await Array.fromAsync(new Bun.Glob("**/*").scan(folder))).toEqual([]);
    await rm(folder, { recursive: true, force: true });
  });
});

test("check updates the types for editors only when they are outdated", async () => {
  await using project = await createProject({ "reyns.ts": "export {};\n" });
  const path = join(project.folder, ".reyns/reyns.d.ts");
  await project.must("check");
  const text = await readFile(path, "utf8");
  expect(text).toContain('declare module "reyns" {');
  const before = await stat(path);
  await project.must("check");
  expect((await stat(path)).mtimeMs).toBe(before.mtimeMs);
  await writeFile(path, "of another version");
  await project.must("check");
  expect(await readFile(path, "utf8")).toBe(text);
});

test("check warns when it cannot write the types for editors, and goes on", async () => {
  await using project = await createProject({
    "reyns.ts": 'import { service } from "reyns";\nservice("web", { image: "web" });\n',
    ".reyns/reyns.d.ts/in-the-way": "",
  });
  const { status, stdout, stderr } = await project.reyns("check");
  expect(stderr).toMatch(
    /^warning cannot update the types for editors in \.reyns\/: (EISDIR|ENOTEMPTY|EEXIST)\n$/,
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: "OK: no problems in conf default\n" });
});
