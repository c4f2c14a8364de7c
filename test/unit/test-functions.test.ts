// Tests of a project: how they are defined, chosen and run.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { readScript } from "../../src/project/script/load.ts";
import { prepareFunction, type TestAccess } from "../../src/project/tests/run-function.ts";
import { projectFolder } from "./support/project-folder.ts";

const { signal } = new AbortController();

const unreachable: TestAccess = {
  exec: async ({ command }) => ({
    stdout: "out\n",
    stderr: "wrong\n",
    exitCode: command.includes("bad") ? 3 : 0,
    instance: "one",
  }),
  fetch: async () => new Response("ok"),
  url: () => "http://10.0.0.2:80",
  logs: async ({ service, instance }, tail) => JSON.stringify({ service, instance, tail }),
};

/** What is said of a test with this body; undefined when it passes. */
async function failureOf(body: string): Promise<object | undefined> {
  await using project = await projectFolder({
    "reyns.ts": `import { expect, service, test } from "reyns";
const web = service("web", { image: "a", instance: "x" });
test("it", async ({ exec, fetch, url, logs, $ }) => {
${body}
});`,
  });
  const { tests } = await readScript(`${project.folder}/reyns.ts`);
  const [only] = tests;
  if (!only) throw new Error("no test is defined");
  const prepared = prepareFunction(only);
  try {
    await prepared.run(unreachable, signal, () => {});
    return undefined;
  } catch (error) {
    const { at, message, ...rest } = await prepared.explain(error);
    return { line: at?.line, column: at?.column, message: message.trim(), ...rest };
  }
}

test("the helpers take handles and names of services", async () => {
  const body = `
expect(JSON.parse(await logs(web, { tail: 2 }))).toEqual({ service: "web", instance: "x", tail: 2 });
expect(JSON.parse(await logs("db"))).toEqual({ service: "db" });
expect(url(web)).toBe("http://10.0.0.2:80");
expect(await (await fetch("web", "/")).text()).toBe("ok");
expect((await exec(web, "good")).stdout).toBe("out\\n");
expect((await $\`pwd\`).stdout.trim()).toBe(import.meta.dirname);`;
  expect(await failureOf(body)).toBeUndefined();
});

describe("a failure has its line and its reason", () => {
  const failures: [string, object][] = [
    [
      "expect(1 + 1).toBe(3);",
      { column: 15, message: "expect(received).toBe(expected)\n\nExpected: 3\nReceived: 2" },
    ],
    ['await exec(web, ["bad"]);', { column: 7, output: ["wrong"] }],
    [
      'await exec(web, ["bad"], { nothrw: true });',
      {
        message: 'unknown key "nothrw" in the options of exec()',
        hint: 'did you mean "nothrow"? accepted: nothrow, quiet, input, user, workingDir, env',
      },
    ],
    ["await $`echo printed >&2; exit 4`;", { output: ["printed"] }],
    ['throw new Error("on purpose");', { message: "on purpose", hint: undefined }],
    ["missing();", { message: "missing is not defined" }],
    ["await logs({});", { column: 7, message: "logs() needs an instance" }],
    [
      "await expect(Promise.resolve(7)).rejects.toThrow();",
      { message: "expected a promise that rejects; it resolved to 7" },
    ],
    [
      "await expect(Promise.resolve(7)).resolves.toBe(8);",
      { message: "expect(received).toBe(expected)\n\nExpected: 8\nReceived: 7" },
    ],
  ];
  test.each(failures)("%s", async (body, expected) => {
    expect(await failureOf(body)).toMatchObject({ line: 4, ...expected });
  });
});

/** The tests of a definition with their outcomes, from a process of its own: bun test takes what nothing awaits for a failure. */
async function outcomesOf(code: string): Promise<string[]> {
  await using project = await projectFolder({
    "reyns.ts": `import { test } from "reyns";
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
${code}`,
  });
  const script = join(import.meta.dir, "support/run-outcomes.ts");
  const words = [process.execPath, script, join(project.folder, "reyns.ts")];
  const { stdout, stderr } = Bun.spawn(words, { stderr: "pipe" });
  const [text, errors] = await Promise.all([stdout.text(), stderr.text()]);
  expect(errors).toBe("");
  return text.trim().split("\n");
}

test("what a test has not awaited fails it, and no other", async () => {
  const outcomes = await outcomesOf(`
test("request", ({ fetch }) => { void fetch("web", "/"); throw new Error("wrong"); });
test("after it", () => wait(50));
test("logs", ({ logs }) => void logs("web"));
test("command", ({ $ }) => { void $\`sleep 60\`; throw new Error("as well"); });
test("last", () => wait(50));`);
  expect(outcomes).toEqual([
    "request: wrong",
    "after it: passed",
    "logs: no logs",
    "command: as well",
    "last: passed",
  ]);
});

test("a request that ends late with its test fails no parallel one", async () => {
  const outcomes = await outcomesOf(`
test("late", ({ fetch }) => void fetch("web", "/"), { timeout: 0.01, parallel: true });
test("beside it", () => wait(200), { parallel: true });`);
  expect(outcomes).toEqual(["late: timed out after 0.01 s", "beside it: passed"]);
});

test("checks of promises wait, and pass where they should", async () => {
  const body = `
const later = (value) => new Promise((resolve) => setTimeout(() => resolve(value), 5));
const failing = async () => { throw new TypeError("no way"); };
await expect(later(1)).resolves.toBe(1);
await expect(later(1)).resolves.not.toBe(2);
await expect(later(1)).resolves.not.toThrow();
await expect(later(() => { throw new Error("in it"); })).resolves.toThrow("in it");
await expect(later(new Error("as a value"))).resolves.toThrow("as a value");
await expect(expect(failing()).resolves.not.toThrow()).rejects.toThrow("it rejected with no way");
await expect(expect(later(1)).resolves.toThrow()).rejects.toThrow("did not throw");
await expect(failing()).rejects.toThrow("no way");
await expect(failing).rejects.toThrow(TypeError);
await expect(failing()).rejects.not.toThrow("other");
await expect(failing()).rejects.toBeInstanceOf(TypeError);
expect({ a: 1, b: "xyz" }).toEqual({ a: expect.any(Number), b: expect.stringContaining("y") });
expect({ a: 1, b: 2 }).toEqual(expect.objectContaining({ a: 1 }));`;
  expect(await failureOf(body)).toBeUndefined();
});

test("a promise that never settles does not stop the others", async () => {
  const body = `
const never = expect(new Promise(() => {})).resolves.toBe(1);
await Promise.race([never, new Promise((resolve) => setTimeout(resolve, 5))]);`;
  expect(await failureOf(body)).toBeUndefined();
});
