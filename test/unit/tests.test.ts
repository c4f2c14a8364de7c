// Tests of a project: how they are defined, chosen and run.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { TestEvent } from "../../src/model/tests.ts";
import type { Test } from "../../src/api/tests.ts";
import { findProject } from "../../src/project/locate.ts";
import { inspectProject } from "../../src/project/read.ts";
import { readScript } from "../../src/project/script/load.ts";
import { prepareFunction, type TestAccess } from "../../src/project/tests/run-function.ts";
import { runTests, type RunnableTest } from "../../src/project/tests/run-tests.ts";
import { listTests, selectTests, type DefinedTest } from "../../src/project/tests/select-tests.ts";
import { errorsIn, projectFolder, thrownBy } from "./support/project-folder.ts";

describe("mistakes in test() are reported at their places", () => {
  const form = 'write test("NAME", async ({ exec, fetch, url, logs, $ }) => { … })';
  const wrong: [string, string, string][] = [
    ["test();", "test(", `test() needs a name | ${form}`],
    ['test("");', "test(", `test() needs a name | ${form}`],
    ['test("a");', "test(", `the test "a" needs a function | ${form}`],
    [
      'test("a", () => {}); test("a", () => {});',
      "test(",
      'two tests have the name "a", the first at reyns.ts:2 | rename one of them',
    ],
    [
      'test("a", () => {}, 5000);',
      "5000",
      'the options of the test "a" are a number | write { timeout: "5s" }',
    ],
    [
      'test.only("a", () => {}, { timeuot: 5 });',
      "timeuot",
      'unknown key "timeuot" | did you mean "timeout"?',
    ],
    [
      'test("a", () => {}, { timeout: "soon" });',
      "timeout",
      'timeout is "soon" | accepted: seconds as a number',
    ],
  ];
  test.each(wrong)("%s", async (code, at, message) => {
    await using project = await projectFolder({
      "reyns.ts": `import { test } from "reyns";\n  ${code}`,
    });
    const [mistake = ""] = await project.mistakes();
    expect(mistake).toStartWith(`reyns.ts:2:${code.lastIndexOf(at) + 3} ${message}`);
  });
});

test("tests and instances with test: true are found in the order of the file", async () => {
  await using project = await projectFolder({
    "reyns.ts": `import { job, service, test } from "reyns";
service("web", { image: "a" });
test("first", () => {}, { timeout: "2m", parallel: true });
job("smoke", { image: "a", test: true });
test.skip("later", () => {}); // In a project: Reyns has to list it as skipped.
service("probe", { image: "a", instance: "x", test: true });`,
  });
  const place = await findProject(project.folder, {});
  const read = await inspectProject(place, {});
  expect(read.errors).toEqual([]);
  const { tests } = await readScript(place.script ?? "");
  expect(tests[0]).toMatchObject({ timeout: 120, parallel: true, at: { line: 3, column: 1 } });
  const listed = listTests(tests, read.project);
  expect(listed.map(({ kind, name, mode }) => [kind, name, mode])).toEqual([
    ["function", "first", "run"],
    ["instance", "smoke-one", "run"],
    ["function", "later", "skip"],
    ["instance", "probe-x", "run"],
  ]);
  const { instances } = read.project.conf;
  expect(instances.map(({ autorun }) => autorun)).toEqual([true, false, false]);
});

function defined(name: string, mode: Test["mode"] = "run"): DefinedTest {
  const run = (): void => {};
  const at = { file: "/p/reyns.ts", line: 1 };
  return {
    kind: "function",
    name,
    mode,
    test: { name, mode, run, timeout: undefined, parallel: false, at },
  };
}

describe("the tests of a call", () => {
  const all = [defined("orders are stored"), defined("Orders expire"), defined("login", "skip")];
  const choices: [string[], string[], boolean][] = [
    [[], ["orders are stored", "Orders expire", "login"], true],
    [["orders"], ["orders are stored", "Orders expire"], false],
    [["orders*stored", "log"], ["orders are stored", "login"], false],
    [["*"], ["orders are stored", "Orders expire", "login"], true],
  ];
  test.each(choices)("%p", (patterns, names, isComplete) => {
    const selected = selectTests(all, patterns);
    expect(selected.chosen.map(({ name }) => name)).toEqual(names);
    expect(selected).toMatchObject({ isComplete, leftOut: 0 });
  });

  test("test.only leaves the others out", () => {
    const selected = selectTests([...all, defined("just this", "only")], []);
    expect(selected.chosen.map(({ name }) => name)).toEqual(["just this"]);
    expect(selected).toMatchObject({ isComplete: false, leftOut: 3 });
  });

  test("none at all, and a name that no test has, are errors", () => {
    const [none] = thrownBy(() => selectTests([], []));
    expect(none).toMatchObject({ code: "UNKNOWN_TEST", exitStatus: 2 });
    expect(none?.hint).toContain('test("answers", async ({ fetch })');
    const [unknown] = thrownBy(() => selectTests(all, ["orders", "ordres"]));
    expect(unknown?.message).toBe('no test has "ordres" in its name');
  });
});

interface Timeline {
  readonly log: string[];
  readonly emit: (event: TestEvent) => void;
}

function timeline(): Timeline {
  const log: string[] = [];
  const emit = (event: TestEvent): void =>
    void log.push(
      event.kind === "started" ? `+${event.name}` : `-${event.result.name} ${event.result.status}`,
    );
  return { log, emit };
}

function runnable(name: string, given: Partial<RunnableTest> = {}): RunnableTest {
  return {
    name,
    at: { file: "/p/reyns.ts", line: 1 },
    isSkipped: false,
    parallel: false,
    seconds: 60,
    run: async () => {},
    settled: async () => {},
    explain: async (error) => ({
      message: (error as Error).message,
      at: undefined,
      hint: undefined,
      output: [],
      logs: [],
    }),
    ...given,
  };
}

const { signal } = new AbortController();

test("tests run one after the other, and neighbours that are parallel together", async () => {
  const { log, emit } = timeline();
  const both = Promise.withResolvers<void>();
  const results = await runTests(
    [
      runnable("a"),
      runnable("b", { parallel: true, run: () => both.promise }),
      runnable("c", { parallel: true, run: async () => both.resolve() }),
      runnable("d", { isSkipped: true }),
      runnable("e", { run: () => Promise.reject(new Error("wrong")) }),
    ],
    { jobs: 2, signal, emit },
  );
  expect(log.slice(0, 4)).toEqual(["+a", "-a passed", "+b", "+c"]);
  expect(log.slice(6)).toEqual(["-d skipped", "+e", "-e failed"]);
  expect(results.map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e"]);
  expect(results[4]?.failure?.message).toBe("wrong");
});

test("with jobs: 1, parallel tests run one after the other", async () => {
  const { log, emit } = timeline();
  const parallel = ["a", "b"].map((name) => runnable(name, { parallel: true }));
  await runTests(parallel, { jobs: 1, signal, emit });
  expect(log).toEqual(["+a", "-a passed", "+b", "-b passed"]);
});

test("a test that never ends fails at its deadline, which preparing it does not bring closer", async () => {
  let ended: AbortSignal | undefined;
  const never = async (given: AbortSignal, begin: () => void): Promise<void> => {
    ended = given;
    await Bun.sleep(30);
    expect(given.aborted).toBe(false);
    begin();
    await new Promise(() => {});
  };
  const [first, second] = await runTests(
    [runnable("a", { run: never, seconds: 0.01 }), runnable("b")],
    { jobs: 4, signal, emit: () => {} },
  );
  expect(first?.failure?.message).toBe("timed out after 0.01 s");
  expect(ended?.aborted).toBe(true);
  expect(second?.status).toBe("passed");
});

test("an interruption ends the running test, and runs no other", async () => {
  const { log, emit } = timeline();
  const interrupt = new AbortController();
  const run = async (): Promise<void> => {
    interrupt.abort();
    await new Promise(() => {});
  };
  const running = runTests([runnable("a", { run }), runnable("b")], {
    jobs: 4,
    signal: interrupt.signal,
    emit,
  });
  const [error] = errorsIn(await running.catch((thrown: unknown) => thrown));
  expect(error).toMatchObject({ code: "INTERRUPTED", exitStatus: 130 });
  expect(log).toEqual(["+a"]);
});

test("an interruption waits for what has begun", async () => {
  const interrupt = new AbortController();
  const over: string[] = [];
  const slow = (name: string): RunnableTest => {
    const ends = Promise.withResolvers<void>();
    const run = async (given: AbortSignal): Promise<void> => {
      given.addEventListener("abort", () => setTimeout(() => ends.resolve(), 20));
      if (name === "b") interrupt.abort();
      await new Promise(() => {});
    };
    const settled = async (): Promise<void> => {
      await ends.promise;
      over.push(name);
    };
    return runnable(name, { run, settled, parallel: true });
  };
  const options = { jobs: 4, signal: interrupt.signal, emit: () => {} };
  await runTests([slow("a"), slow("b")], options).catch(() => {});
  expect(over).toEqual(["a", "b"]);
});

test("a timeout longer than any timer does not end the test at once", async () => {
  const run = async (_: AbortSignal, begin: () => void): Promise<void> => {
    begin();
    await Bun.sleep(20);
  };
  const tests = [runnable("a", { run, seconds: 2 ** 31 })];
  const [result] = await runTests(tests, { jobs: 1, signal, emit: () => {} });
  expect(result?.status).toBe("passed");
});

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
