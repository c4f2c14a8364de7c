// `reyns test`: what it runs, shows and leaves.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createDemo, createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";
import { definition, leftIn, type Report } from "./support/tested-project.ts";

setDefaultTimeout(240_000);

let shop: Project;

beforeAll(async () => {
  await importSmallImage();
  shop = await createProject({ "reyns.ts": definition });
});
afterAll(() => shop?.[Symbol.asyncDispose]());

test("each failure has its line, its reason, its output and the logs of what it used", async () => {
  const { status, stdout } = await shop.reyns("test json junit=report.xml");
  expect(status).toBe(1);
  const { tests, receipt } = JSON.parse(stdout) as Report;
  expect(receipt).toBeNull();
  const found = Object.fromEntries(
    tests.map(({ name, status: ended, failure }) => [
      name,
      failure ? [failure.at?.line, failure.message.split("\n")[0]] : ended,
    ]),
  );
  expect(found).toEqual({
    "smoke-one": "passed",
    "broken-one": [7, "broken-one: the job failed (status 3)"],
    "pages are served": "passed",
    "check fails": [17, "expect(received).toEqual(expected)"],
    "command fails": [19, "web-one: echo bad >&2; exit 4 exited with status 4"],
    "nobody answers": [20, "http://127.0.0.1:9/ does not answer: connection refused"],
    "never ends": [21, "timed out after 1 s"],
    "is not awaited": [22, "web-one: exit 5 exited with status 5"],
    "ends the process": [23, "process.exit(0) would end Reyns"],
    later: "skipped",
  });
  const failureOf = (name: string) => tests.find((one) => one.name === name)?.failure;
  expect(failureOf("broken-one")?.output).toEqual(["no good"]);
  expect(failureOf("check fails")?.logs).toEqual([{ host: "web-one", lines: ["seen"] }]);
  expect(failureOf("command fails")?.output).toEqual(["bad"]);
  const report = await Bun.file(join(shop.folder, "report.xml")).text();
  expect(report).toContain('tests="10" failures="7" errors="0" skipped="1"');
  expect(leftIn(shop.folder)).toEqual([]);
});

test("a passing run prints the tests and exits with 0, beside the platform itself", async () => {
  await shop.must("run all");
  const { status, stdout } = await shop.reyns(["test", "pages", "smoke"]);
  expect(stdout).toMatch(
    /^✓ smoke-one {2}\S+\n✓ pages are served {2}\S+\n2 tests: 2 passed in \S+\n$/,
  );
  expect(status).toBe(0);
  const instances = (await shop.json("ps")) as { readonly state: string }[];
  expect(instances.map(({ state }) => state)).toEqual(["running"]);
  await shop.must("clean all force");
  expect(leftIn(shop.folder)).toEqual([]);
});

test("run all leaves tests out, and a run that names one runs it", async () => {
  const hosts = (await shop.json("plan all")) as { readonly steps: readonly { title: string }[] };
  expect(JSON.stringify(hosts)).not.toContain("smoke");
  const { status, stderr } = await shop.reyns("run broken");
  expect(stderr).toContain("broken-one: the job failed (status 3)");
  expect(status).toBe(1);
  await shop.must("clean all force");
});

test("keep=true leaves the copy, in which copy= tests again", async () => {
  const { stderr } = await shop.reyns(["test", "pages", "keep=true"]);
  const [, copy = ""] = /the copy (\S+) stays/.exec(stderr) ?? [];
  expect(copy).toStartWith("test-");
  const again = await shop.must(["test", "pages", `copy=${copy}`]);
  expect(again).toContain("1 test: 1 passed");
  expect((await shop.json(`ps copy=${copy}`)) as object[]).toHaveLength(1);
  await shop.must(`clean all copy=${copy} force`);
  expect(leftIn(shop.folder)).toEqual([]);
});

test("what a killed call left is removed on its own Engine, whichever the next command uses", async () => {
  const { stderr } = await shop.reyns(["test", "pages", "keep=true"]);
  const [, copy = ""] = /the copy (\S+) stays/.exec(stderr) ?? [];
  const claim = { project: "tested", env: { DOCKER_HOST: process.env["DOCKER_HOST"] ?? null } };
  await Bun.write(join(shop.folder, ".reyns/tests", copy), JSON.stringify(claim));
  const next = await shop.reyns("ps", { env: { DOCKER_HOST: "unix:///nowhere.sock" } });
  expect(next.stderr).toContain(`removed the copy ${copy}: its reyns test was killed`);
  expect(next.stderr).toContain("/nowhere.sock");
  expect(leftIn(shop.folder)).toEqual([]);
});

test("a call that finds no Engine leaves no copy for the next command to remove", async () => {
  const env = { DOCKER_HOST: "unix:///nowhere.sock" };
  const { status, stderr } = await shop.reyns("test pages", { env });
  expect(stderr).toContain("no Docker Engine");
  expect(stderr).not.toContain("is still there");
  expect(status).toBe(3);
  expect(leftIn(shop.folder)).toEqual([]);
});

test("of a call that was killed before its copy began, the next command leaves no folder", async () => {
  const claim = { project: "tested", env: { DOCKER_HOST: process.env["DOCKER_HOST"] ?? null } };
  const name = "test-abcdefgh";
  await Bun.write(join(shop.folder, ".reyns/tests", name), JSON.stringify(claim));
  await Bun.write(join(shop.folder, ".reyns/copies", name, "lock"), "");
  await shop.must("ps");
  expect(leftIn(shop.folder)).toEqual([]);
});

test("a file called main in .reyns/tests does not remove the project itself", async () => {
  await shop.must("run web");
  await Bun.write(join(shop.folder, ".reyns/tests/main"), '{ "project": "tested", "env": {} }');
  expect(await shop.json("ps")).toMatchObject([{ state: "running" }]);
  await rm(join(shop.folder, ".reyns/tests"), { recursive: true });
  await shop.must("clean all force");
});

test.each([
  ["test nothing", 'no test has "nothing" in its name', 2],
  ["test timeout=0", 'timeout is "0"', 2],
  ["test parallel=few", 'parallel is "few"', 2],
  ["test junit=none/report.xml", "none/report.xml: there is no folder ", 1],
  ["test junit=/", "cannot write /: it is a folder", 1],
])("%s is refused before anything starts", async (line, message, expected) => {
  const { status, stdout, stderr } = await shop.reyns(line);
  expect(stderr).toContain(message);
  expect({ status, stdout }).toEqual({ status: expected, stdout: "" });
  expect(leftIn(shop.folder)).toEqual([]);
});

test("a project without tests is told how to define one", async () => {
  await using empty = await createProject(
    { "reyns.ts": 'import { service } from "reyns";\nservice("web", { image: "a" });\n' },
    { offline: true },
  );
  const { status, stderr } = await empty.reyns("test");
  expect(stderr).toContain("error this project has no tests yet\n");
  expect(stderr).toContain('define one in reyns.ts: test("answers"');
  expect(status).toBe(2);
});

test("a copy on several machines is refused before anything starts", async () => {
  await using spread = await createProject(
    {
      "reyns.ts": `import { node, service, test } from "reyns";
node("one", "local", { address: "10.0.0.1" });
node("two", "ssh://nowhere.invalid", { address: "10.0.0.2" });
service("web", { image: "a", group: "one" });
service("db", { image: "a", group: "two" });
test("answers", () => {});
`,
    },
    { offline: true },
  );
  const { status, stderr } = await spread.reyns("test copy=demo");
  expect(stderr).toContain("error test works on one Engine\n");
  expect(status).toBe(2);
  expect(leftIn(spread.folder)).toEqual([]);
});

test("a report that cannot be written any more is a failure, after the results", async () => {
  await using project = await createProject({
    "reyns.ts": `import { mkdirSync } from "node:fs";
import { test } from "reyns";
test("passes", () => mkdirSync(import.meta.dirname + "/report.xml"));
test.skip("later", () => {}); // In a project: Reyns has to list it as skipped.
`,
  });
  const { status, stdout, stderr } = await project.reyns("test junit=report.xml");
  expect(stdout).toContain("2 tests: 1 passed, 1 skipped");
  expect(stderr).toContain("the report report.xml was not written: ");
  expect(status).toBe(1);
  expect(leftIn(project.folder)).toEqual([]);
});

test("requests and errors that outlive the tests fail nothing, and the copy goes", async () => {
  await using project = await createProject({
    "reyns.ts": `import { test } from "reyns";
test("passes", () => void setTimeout(() => void Promise.reject(new Error("late")), 200));
`,
  });
  const { status, stdout, stderr } = await project.reyns("test");
  expect(stdout, stderr).toContain("1 test: 1 passed");
  expect(stderr).toBe("no receipt: there are no instances to record\n");
  expect(status, stderr).toBe(0);
  expect(leftIn(project.folder)).toEqual([]);
});

test("there is no receipt where all tests are left out", async () => {
  await using project = await createProject({
    "reyns.ts": 'import { test } from "reyns";\ntest.skip("later", () => {});\n',
  });
  const { status, stderr } = await project.reyns("test");
  expect(stderr).toContain("no receipt: no test has run");
  expect(status).toBe(0);
  expect(existsSync(join(project.folder, ".reyns/receipts"))).toBe(false);
});

test("a platform that does not start leaves nothing, and a report that says why", async () => {
  const image = JSON.stringify(smallImage);
  await using broken = await createProject({
    "reyns.ts": `import { service, test } from "reyns";
service("web", { image: ${image}, command: "exit 7" });
test("pages are served", () => {});
`,
  });
  const { status, stderr } = await broken.reyns("test junit=report.xml");
  expect(status).toBe(1);
  expect(stderr).toContain("web-one");
  const report = await Bun.file(join(broken.folder, "report.xml")).text();
  expect(report).toContain('<failure message="the platform did not start: ');
  expect(leftIn(broken.folder)).toEqual([]);
});

test("an endless loop ends the call, and the next command removes the copy", async () => {
  await using looping = await createProject({
    "reyns.ts": `import { test } from "reyns";
test("goes on", () => { for (;;); }, { timeout: 0.1 });
`,
  });
  const { status, stderr } = await looping.reyns("test");
  expect(stderr).toContain(
    "error reyns.ts:2: this test did not end in time, and blocks all else\n",
  );
  expect(status).toBe(1);
  await looping.must("ps");
  expect(leftIn(looping.folder)).toEqual([]);
});

test("the test of the demo passes, and leaves a receipt", async () => {
  await using demo = await createDemo();
  const { receipt, tests } = (await demo.json("test")) as Report;
  expect(tests.map(({ status }) => status)).toEqual(["passed"]);
  expect(receipt).toStartWith(join(demo.folder, ".reyns/receipts/"));
  expect(await demo.must("receipts")).toMatch(/ 1 +\d+ +valid$/);
});
