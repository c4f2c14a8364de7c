import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDemo, createProject, type Project } from "./support/project.ts";
import { reyns } from "./support/reyns.ts";

setDefaultTimeout(240_000);

let demo: Project;

beforeAll(async () => {
  demo = await createDemo();
  await demo.must("build all");
  await demo.must("run demo one linked=False deps=False");
}, 300_000);

afterAll(() => demo?.[Symbol.asyncDispose]());

const slips: readonly { line: string; message: string; hint: string }[] = [
  { line: "rnu all", message: 'unknown command "rnu"', hint: 'did you mean "run"?' },
  { line: "run:all,safmode=True", message: 'unknown key "safmode"', hint: '"safemode"?' },
  { line: "run --grup=x all", message: 'unknown key "grup"', hint: 'did you mean "group"?' },
  { line: "run demo one two", message: 'unexpected argument "two"', hint: "SERVICE and INSTANCE" },
  { line: "run demo safemode=maybe", message: 'safemode is "maybe"', hint: "True or False" },
  {
    line: "run demo instance_type=mster",
    message: 'instance_type is "mster"',
    hint: 'did you mean "master"?',
  },
  { line: "run demo timeout=soon", message: 'timeout is "soon"', hint: "a whole number" },
  { line: "run", message: "missing argument SERVICE", hint: "reyns run demo or reyns run all" },
  { line: "run domo", message: 'no service "domo"', hint: 'did you mean "demo"?' },
  { line: "build domo", message: 'no service "domo"', hint: 'did you mean "demo"?' },
  { line: "ssh domo", message: 'no instance of "domo"', hint: 'did you mean "demo"?' },
  { line: "ssh demo onne", message: 'no instance "onne" of demo', hint: 'did you mean "one"?' },
  { line: "getip domo", message: 'no instance of "domo"', hint: 'did you mean "demo"?' },
  { line: "info demo tow", message: 'no instance "tow" of demo', hint: "accepted: one" },
  { line: "stop demmo", message: 'no instance of "demmo"', hint: 'did you mean "demo"?' },
  { line: "clean demmo", message: 'no instance of "demmo"', hint: 'did you mean "demo"?' },
  { line: "logs demmo", message: 'no instance of "demmo"', hint: 'did you mean "demo"?' },
  {
    line: "run all conf=default-multinod",
    message: 'no conf "default-multinod"',
    hint: 'did you mean "default-multinode"?',
  },
  {
    line: "run group=nod1 conf=default-multinode yes",
    message: 'has no group "nod1"',
    hint: 'did you mean "node1"?',
  },
  {
    line: "run demo three",
    message: 'no instance "three" of demo is defined',
    hint: "reyns run demo three new=true",
  },
  {
    line: "run all conf=default-multinode",
    message: 'The conf "default" runs here. "default-multinode" adds ',
    hint: "add yes=true",
  },
  { line: "run demo Two", message: 'instance name "Two"', hint: 'inner hyphens: "two"' },
  { line: "run demo a_b", message: 'instance name "a_b"', hint: 'inner hyphens: "a-b"' },
  { line: "help rnu", message: 'unknown command "rnu"', hint: 'did you mean "run"?' },
  { line: "compose up", message: 'unknown command "compose"', hint: "reyns up" },
  { line: "constructor", message: 'unknown command "constructor"', hint: "reyns help lists" },
  { line: "run all -d", message: 'unknown key "d"', hint: "leave it out: run always detaches" },
  {
    line: "run demo constructor=1",
    message: 'unknown key "constructor"',
    hint: "see reyns help run",
  },
  { line: "ps al", message: 'no instance of "al"', hint: "accepted: demo" },
];

describe("a call with a slip in it fails with a suggestion and does nothing", () => {
  for (const { line, message, hint } of slips) {
    test(line, async () => {
      const { status, stdout, stderr } = await demo.reyns(line);
      expect(stderr).toContain(message);
      expect(stderr).toContain(hint);
      expect(stdout).toBe("");
      expect(status).toBe(2);
    });
  }

  test("after all of them the same instance runs", async () => {
    expect(await demo.json("ps all")).toEqual([expect.objectContaining({ hostname: "demo-one" })]);
  });
});

test("a call outside of any project says so and how to begin one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "reyns-test-"));
  const { status, stderr } = await reyns(folder, "ps");
  await rm(folder, { recursive: true });
  expect(status).toBe(2);
  expect(stderr).toContain("error no project here: ");
  expect(stderr).toContain("reyns install_demo");
});

const engines = [
  { host: "unix:///nowhere/docker.sock", why: "the socket does not exist" },
  { host: "tcp://127.0.0.1:1", why: "connection refused" },
  { host: "tcp://no-such-host.invalid:2375", why: "" },
];

for (const { host, why } of engines) {
  test(`run says that no Engine answers at ${host}`, async () => {
    const { status, stderr } = await demo.reyns("run all", { env: { DOCKER_HOST: host } });
    expect(stderr).toContain(`error no Docker Engine at ${host}: ${why}`);
    expect(stderr).toContain("DOCKER_HOST");
    expect(stderr).not.toContain("defect");
    expect(status).toBe(3);
  });
}

for (const line of ["plan all", "run all"]) {
  test(`${line} reports mistakes of the definition before it connects to a node`, async () => {
    await using several = await createProject({
      "reyns.ts": `import { dns, node, project, service } from "reyns";
project("several");
node("n1", "tcp://127.0.0.1:1");
dns({ group: "front" });
service("web", { group: "n1", image: "debian:bookworm-slim" });
`,
    });
    const { status, stderr } = await several.reyns(line);
    expect(stderr).toContain('reyns-dns-main is in the group "front", so on no node\n');
    expect(stderr).not.toContain("no Docker Engine");
    expect(status).toBe(2);
  });
}

for (const line of ["plan", "run all", "run all conf=default", "plan conf=default", "pull all"]) {
  test(`${line} reports mistakes of the definition though no Engine answers`, async () => {
    await using circle = await createProject(
      {
        "reyns.ts": `import { project, service } from "reyns";
project("circle");
service("web", { image: "a", after: [{ service: "db", instance: "one" }] });
service("db", { image: "a", after: [{ service: "web", instance: "one" }] });
`,
      },
      { offline: true },
    );
    const env = { DOCKER_HOST: "tcp://127.0.0.1:1" };
    const planned = await circle.reyns(line, { env });
    expect(planned.stderr).toContain("error reyns.ts:3:30: instances wait for each other");
    expect(planned.stderr).not.toContain("no Docker Engine");
    expect(planned.status).toBe(2);
    await circle.write({
      "reyns.ts": 'import { service } from "reyns";\nservice("web", { imag: "a" });\n',
    });
    const read = await circle.reyns(line, { env });
    expect(read.stderr).toContain('error reyns.ts:2:18: unknown key "imag"');
    expect(read.stderr).not.toContain("no Docker Engine");
    expect(read.status).toBe(2);
  });
}

const wrongConf = `[
  { "service": "demo", "instance": "one", "sleep": -1 },
  { "service": "dmo", "instance": "two" },
  {
    "service": "demo",
    "instance": "One",
    "link": []
  },
  { "service": "demo", "instance": "three", "nethots": true }, # a comment
]
`;

test("run reports all mistakes of a conf at once, each at its place", async () => {
  await demo.write({ "wrong.conf": wrongConf });
  const { status, stderr } = await demo.reyns("run all conf=wrong");
  const places = [...stderr.matchAll(/^error (wrong\.conf:\d+:\d+): (.*)$/gm)];
  expect(places.map(([, place, message]) => [place, message])).toEqual([
    ["wrong.conf:2:43", "sleep is -1"],
    ["wrong.conf:3:5", 'no service "dmo": services/dmo/Dockerfile does not exist'],
    ["wrong.conf:6:5", 'invalid instance name "One"'],
    ["wrong.conf:7:5", 'unknown key "link"'],
    ["wrong.conf:9:45", 'unknown key "nethots"'],
  ]);
  expect(stderr).toContain('did you mean "links"?');
  expect(status).toBe(2);
});

test("run reports where a conf stops to be JSON", async () => {
  await demo.write({ "broken.conf": '[\n  { "service": "demo" "instance": "one" }\n]\n' });
  const { status, stderr } = await demo.reyns("run all conf=broken");
  expect(stderr).toContain("error broken.conf:2:23: not valid JSON");
  expect(status).toBe(2);
});

test("run reports an unknown key at its place in reyns.ts", async () => {
  const shop = await createDemo();
  await using _ = shop;
  await shop.write({
    "reyns.ts": `import { project, service } from "reyns";
project("shop");
service("dmo", { instance: "one" });
service("demo", { instance: "one", instanceTyp: "master" });
`,
  });
  const { status, stderr } = await shop.reyns("run all");
  expect(stderr).toMatch(
    /^error reyns\.ts:4:36: unknown key "instanceTyp"\n(.*\n){2}.*"instanceType"\?/m,
  );
  expect(status).toBe(2);
});

test.each([
  "run nosuch",
  "plan nosuch",
  "run web bad_name",
  "run web one jobs=x",
  "run web ttl=3d",
  "run all copy=x ttl=3x",
])("%s is a mistake of the call though no Engine answers", async (line) => {
  await using shop = await createProject(
    { "reyns.ts": 'import { service } from "reyns";\nservice("web", { image: "a" });\n' },
    { offline: true },
  );
  const { status, stderr } = await shop.reyns(line, {
    env: { DOCKER_HOST: "tcp://127.0.0.1:1" },
  });
  expect(stderr).not.toContain("no Docker Engine");
  expect(status).toBe(2);
});
