import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createProject, type Files, listOwned } from "./support/project.ts";

setDefaultTimeout(240_000);

const shop = await createProject({ "services/web/Dockerfile": "FROM reyns/reyns-base\n" });
afterAll(() => shop[Symbol.asyncDispose]());

/** No Engine is asked: there is none. */
const env = { DOCKER_HOST: "unix:///nowhere/docker.sock" };

const esm: Files = {
  "node_modules/esm-port/package.json":
    '{ "name": "esm-port", "type": "module", "exports": "./port.js" }',
  "node_modules/esm-port/port.js": "export const port = 8001;",
};
const cjs: Files = {
  "node_modules/cjs-port/package.json": '{ "name": "cjs-port", "main": "./lib/port" }',
  "node_modules/cjs-port/lib/port.js": "module.exports = { port: require('./number') };",
  "node_modules/cjs-port/lib/number.js": "module.exports = 8002;",
};

describe("the executable loads", () => {
  const imports: [string, string, Files][] = [
    ["a package of ES modules", 'import { port } from "esm-port";', esm],
    ["a package of CommonJS, without types", 'import { port } from "cjs-port";', cjs],
    [
      "JSON",
      'import data from "./data.json";\nconst { port } = data;',
      { "data.json": '{ "port": 8003 }' },
    ],
    [
      "JSON with an import attribute",
      'import data from "./data.json" with { type: "json" };\nconst { port } = data;',
      {},
    ],
    [
      "TypeScript beside it",
      'import { port } from "./lib/port.ts";',
      { "lib/port.ts": "export const port: number = 8004;" },
    ],
    ["TypeScript without its extension", 'import { port } from "./lib/port";', {}],
    [
      "a module of Node",
      'import { posix } from "node:path";\nconst port = posix.sep.charCodeAt(0);',
      {},
    ],
  ];
  test.each(imports)("%s", async (_, lines, files) => {
    await shop.write({
      ...files,
      "reyns.ts": `import { service } from "reyns";\n${lines}\nservice("web", { instance: "one", ports: [port] });\n`,
    });
    const { status, stdout, stderr } = await shop.reyns("graph format=json", { env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/800\d|47/);
  });
});

test("check names the place of a package that is not installed, and how to install it", async () => {
  await shop.write({ "reyns.ts": 'import { x } from "@scope/nowhere/x";\nx();\n' });
  const { status, stderr } = await shop.reyns("check", { env });
  expect(stderr).toBe(
    [
      'error reyns.ts:1:19: package "@scope/nowhere" is not installed',
      '      1 | import { x } from "@scope/nowhere/x";',
      "        |                   ^^^^^^^^^^^^^^^^^^",
      "      install it next to this file: npm install @scope/nowhere",
      "",
    ].join("\n"),
  );
  expect(status).toBe(2);
});

test("check shows the output of a failing $ command once", async () => {
  await shop.write({
    "reyns.ts": 'import { $ } from "reyns";\nawait $`echo no such tag >&2; exit 3`;\n',
  });
  const { status, stderr } = await shop.reyns("check", { env });
  expect(stderr.split("no such tag").length - 1).toBe(2);
  expect(stderr).toContain("      | no such tag\n");
  expect(stderr).toContain("error reyns.ts:2:7: a command of $ exited with status 3\n");
  expect(status).toBe(2);
});

test("graph reports a definition that takes longer than a second", async () => {
  await shop.write({
    "reyns.ts":
      'import { service, sleep } from "reyns";\nawait sleep("1500ms");\nservice("web", { instance: "one" });\n',
  });
  const { status, stderr } = await shop.reyns("graph", { env, withProgress: true });
  expect({ status, stderr: stderr.trim() }).toEqual({
    status: 0,
    stderr: expect.stringMatching(/^reading the definition  \d+s(\n.*)?$/),
  });
});

test("run refuses a wrong definition before it starts anything", async () => {
  await shop.write({
    "reyns.ts": 'import { service } from "reyns";\nservice("web", { instance: "one", imag: 3 });\n',
  });
  const { status, stderr } = await shop.reyns("run all");
  expect(stderr).toContain('error reyns.ts:2:35: unknown key "imag"\n');
  expect(status).toBe(2);
  expect(await listOwned(shop.folder)).toEqual([]);
});

describe("a command that only looks or stops does not run reyns.ts", () => {
  const mark = join(shop.folder, "was-run");
  const definition = (before: string): string => `import { project, ready, service } from "reyns";
${before}
project("trusted");
service("web", { instance: "one", image: "debian:bookworm-slim", command: "sleep 600", init: true, ready: ready.started() });
`;
  beforeAll(async () => {
    await shop.write({ "reyns.ts": definition("") });
    await shop.must("run all");
    const writes = `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "");`;
    await shop.write({ "reyns.ts": definition(writes) });
  });

  const lines: [string, number][] = [
    ["ps", 0],
    ["status", 0],
    ["info web", 0],
    ["getip web", 0],
    ["logs web", 0],
    ["shell web one -- true", 0],
    // No SSH server is in this image.
    ["ssh web one -- true", 1],
    ["stop web", 0],
    ["ps all", 0],
    ["start web", 0],
    ["clean web one", 0],
  ];
  test.each(lines)("%s", async (line, expected) => {
    const { status } = await shop.reyns(line);
    expect({ status, wasRun: existsSync(mark) }).toEqual({ status: expected, wasRun: false });
  });

  test("check runs it", async () => {
    await shop.must("check", { env });
    expect(existsSync(mark)).toBe(true);
  });
});
