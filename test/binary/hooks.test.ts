import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { inspectAll } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

// What the commands write stays in a folder of the project.
const script = (more: string): string => `import { job, ready, required, service } from "reyns";
const common = { image: "${smallImage}", stopSignal: "SIGKILL", volumes: ["./log:/log"] } as const;
service("web", { ...common, user: "1234", env: { TOKEN: required({ secret: true }) }, ready: ready.command("cat /log/ready"),
  postStart: [
    { command: "echo \\"start $TOKEN $MORE $(busybox id -u) $PWD\\" >>/log/all", user: "0", workingDir: "/tmp", env: { MORE: "more" } },
    { command: ["touch", "/log/ready"], user: 0 },
  ],
  preStop: { command: "echo stop >>/log/all; busybox rm /log/ready", user: 0 }, ${more} });
`;
const env = { TOKEN: "token-4711" };

let shop: Project;
beforeAll(async () => {
  await importSmallImage();
  shop = await createProject({ "reyns.ts": script(""), "log/.keep": "" });
});
afterAll(() => shop?.[Symbol.asyncDispose]());

/** What has been executed since the last look. */
async function executed(): Promise<string[]> {
  const file = join(shop.folder, "log/all");
  const text = await readFile(file, "utf8").catch(() => "");
  await rm(file, { force: true });
  return text.split("\n").filter(Boolean);
}

const start = "start token-4711 more 0 /tmp";

test("run executes postStart before the instance counts as ready", async () => {
  await shop.must("run all", { env });
  expect(await executed()).toEqual([start]);
  await shop.must("run all", { env });
  expect(await executed()).toEqual([]);
});

test.each([
  ["restart web", ["stop", start]],
  ["stop web", ["stop"]],
  ["start web", [start]],
  ["rerun web", ["stop", start]],
])("%s executes %p", async (line, expected) => {
  await shop.must(line, { env });
  expect(await executed()).toEqual(expected);
});

test("a replacement executes preStop of the former container, and postStart of the new one", async () => {
  await shop.write({ "reyns.ts": script('labels: { a: "b" }') });
  await shop.must("run web", { env });
  expect(await executed()).toEqual(["stop", start]);
});

test("a command in a fresh container executes neither, and nothing shows the commands", async () => {
  await shop.must("run web -- true", { env });
  expect(await executed()).toEqual([]);
  expect(JSON.stringify([...(await inspectAll(shop.folder))])).not.toContain("/log/all");
});

test("a preStop that fails, or does not end, is a warning, and the instance stops", async () => {
  const failing = (command: string, period: number): string =>
    `stopGracePeriod: ${period}, preStop: { command: "${command}", user: 0 }`;
  const cases = [
    ["echo why >&2; exit 3", 30, 'command "echo why >&2; exit 3" failed with status 3: why'],
    ["sleep 600", 1, 'command "sleep 600" has not ended after 1 s'],
  ] as const;
  for (const [command, period, message] of cases) {
    await shop.write({ "reyns.ts": script(failing(command, period)) });
    await shop.must("run web", { env });
    const { status, stderr } = await shop.reyns("stop web");
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining(`web-one: its preStop ${message}`),
    ]);
    const states = [...(await inspectAll(shop.folder)).values()].map(({ State }) => State.Running);
    expect(states).toEqual([false]);
  }
});

test("a postStart that fails fails the start with its output and keeps the log, and the former container comes back", async () => {
  await shop.write({ "reyns.ts": script("") });
  await shop.must("run web", { env });
  await executed();
  // Its command prints a line, and is another process then.
  const listens = 'command: "echo listening; exec sleep 600"';
  const listening = "until read name </proc/1/comm && test $name = sleep; do :; done";
  const broken = `${listens}, postStart: ["${listening}", "echo some output", { command: "exit 7" }, "touch /log/never"]`;
  await shop.write({ "reyns.ts": script(broken) });
  const before = [...(await inspectAll(shop.folder)).values()].map(({ Id }) => Id);
  const { status, stderr } = await shop.reyns("run web", { env });
  expect(status).toBe(1);
  expect(stderr).toContain('web-one: its postStart command "exit 7" failed with status 7');
  const removed = "the new container of web-one was removed; its log: .reyns/failed/web-one.log\n";
  expect(stderr).toContain(removed);
  expect(stderr).toContain("the former version of web-one runs again; fix the cause");
  expect(await takeFailedLog()).toBe("listening\n");
  expect([...(await inspectAll(shop.folder)).values()].map(({ Id }) => Id)).toEqual(before);
  await shop.must("clean web force");
  const failing = await shop.reyns("run web", { env });
  expect([failing.status, (await inspectAll(shop.folder)).size]).toEqual([1, 0]);
  expect(failing.stderr).toContain("it was not started; fix the command");
  expect(failing.stderr).toContain(removed);
  expect(await takeFailedLog()).toBe("listening\n");
});

async function takeFailedLog(): Promise<string> {
  const file = join(shop.folder, ".reyns/failed/web-one.log");
  const text = await readFile(file, "utf8");
  await rm(file);
  return text;
}

test("a postStart that does not end is given up at the timeout", async () => {
  await shop.write({ "reyns.ts": script('postStart: "sleep 600"') });
  const { status, stderr } = await shop.reyns("run web timeout=1", { env });
  expect(status).toBe(1);
  expect(stderr).toContain('web-one: its postStart command "sleep 600" has not ended after 1 s');
});

test("clean executes preStop without the definition", async () => {
  await shop.write({ "reyns.ts": script("") });
  await shop.must("run web", { env });
  await executed();
  await shop.write({ "reyns.ts": "this is no program" });
  await shop.must("clean all force");
  await shop.write({ "reyns.ts": script("") });
  expect(await executed()).toEqual(["stop"]);
});
