// Tests of a project: how they are defined, chosen and run.
import { describe, expect, test } from "bun:test";
import type { Test } from "../../src/api/tests.ts";
import { findProject } from "../../src/project/locate.ts";
import { inspectProject } from "../../src/project/read.ts";
import { readScript } from "../../src/project/script/load.ts";
import { listTests, selectTests, type DefinedTest } from "../../src/project/tests/select-tests.ts";
import { projectFolder, thrownBy } from "./support/project-folder.ts";

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
