import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmod } from "node:fs/promises";
import { must, type Output, until } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, listOwned, type Project } from "./support/project.ts";
import { call, type Call, installation } from "./support/reyns.ts";

setDefaultTimeout(240_000);

const long = process.env["FAULTS"] === "long";

/** Ready when the test says so; "one" and "two" at once. */
const definition = `import { project, ready, service } from "reyns";
project("shop");
const sleeps = { image: "debian:bookworm-slim", command: ["sleep", "600"], init: true };
service("web", { ...sleeps, instance: "one", ready: ready.file("/etc/hostname") });
service("web", { ...sleeps, instance: "two", ready: ready.file("/etc/hostname") });
service("slow", { ...sleeps, instance: "one", autorun: false, ready: ready.file("/go") });
`;

let shop: Project;
let other: Project;

beforeAll(async () => {
  [shop, other] = [await createProject(), await createProject()];
  for (const one of [shop, other]) await one.write({ "reyns.ts": definition });
});

// One that fails leaves nothing for the next to stumble over.
afterEach(() => shop.reyns("clean all force wait=10"));

afterAll(async () => {
  for (const one of [shop, other]) await one?.[Symbol.asyncDispose]();
});

/** A run of the slow one, at the point where it only waits for it. */
async function slowRun(): Promise<Call> {
  const going = await call(shop.folder, "run slow one");
  await until("the start", async () => (await containerIds(shop.folder, "one")).length > 0);
  return going;
}

async function letGo(going: Call): Promise<Output> {
  const [id = "none"] = await containerIds(shop.folder, "one");
  await until("its process", async () => (await shop.must("ps")).includes("running"));
  await must("docker", "exec", id, "touch", "/go");
  return going.output;
}

for (const racers of long ? [2, 5, 20] : [5]) {
  test(`of ${racers} calls of run:all at once one creates everything, and the others find it up to date, whatever another folder does`, async () => {
    const calls = Array.from({ length: racers }, () => shop.reyns("run:all"));
    const [elsewhere, ...ours] = await Promise.all([other.reyns("run all"), ...calls]);
    expect(ours.map(({ status, stderr }) => (status === 0 ? 0 : stderr))).toEqual(
      ours.map(() => 0),
    );
    expect(elsewhere).toMatchObject({ status: 0 });
    expect(elsewhere.stderr).not.toContain('waiting for "reyns');
    const said = ours.map(({ stderr }) => stderr).join("");
    expect(said.match(/network created/g)).toHaveLength(1);
    for (const host of ["web-one", "web-two"]) {
      // With its address: a check of what runs already has a line, too, if it takes longer than a second.
      const lines = said.split("\n").filter((line) => line.includes(`${host} ready  10.`));
      expect({ lines, count: lines.length }).toMatchObject({ count: 1 });
    }
    expect(said.match(/up to date: web-one, web-two\n/g)).toHaveLength(racers - 1);
    // Two containers and one network.
    expect(await listOwned(shop.folder)).toHaveLength(3);
    const shown = (await shop.json("ps")) as { state: string }[];
    expect(shown.map(({ state }) => state)).toEqual(["running", "running"]);
    await Promise.all([shop, other].map((one) => one.must("clean all force")));
    expect(await listOwned(shop.folder)).toEqual([]);
  });
}

test("a call that does not wait names the one that changes the project, and calls that only look go ahead", async () => {
  const going = await slowRun();
  const { status, stdout, stderr } = await shop.reyns("clean all force wait=0");
  expect(stderr).toMatch(
    new RegExp(
      `^error another command is still changing this project: "reyns run slow one" \\(pid ${going.pid} of .+, since \\d\\d:\\d\\d:\\d\\d\\)\n`,
    ),
  );
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  const inJson = await shop.reyns("stop all wait=1 json");
  expect(JSON.parse(inJson.stdout)).toMatchObject({ error: { code: "BUSY" } });
  expect(inJson.stderr).toContain('waiting for "reyns run slow one" (pid ');
  for (const line of ["ps", "info slow one", "getip slow one", "logs slow one"])
    expect((await shop.reyns(line)).status).toBe(0);
  expect((await letGo(going)).status).toBe(0);
  await shop.must("clean all force");
});

test("the lock keeps other users out as well", async () => {
  await chmod(shop.folder, 0o755);
  await chmod((await installation()).folder, 0o755);
  const going = await slowRun();
  const inside = [Bun.which("setpriv") ?? "", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const { status, stderr } = await shop.reyns("stop all wait=0", { inside });
  expect(stderr).toContain(`: "reyns run slow one" (pid ${going.pid} of `);
  expect(status).toBe(1);
  await letGo(going);
  await shop.must("clean all force");
});

test("a waiting call goes on when the one before it is killed", async () => {
  const going = await slowRun();
  const waiting = await call(shop.folder, "clean all force");
  // By the time that this has looked, the other one waits.
  await shop.must("ps");
  going.kill("SIGKILL");
  const { status } = await waiting.output;
  expect(status).toBe(0);
  expect(await listOwned(shop.folder)).toEqual([]);
});

test("a run replaces a container whose definition has changed, and keep=true only says so", async () => {
  await shop.must("run web");
  const changed = definition.replace('["sleep", "600"]', '["sleep", "601"]');
  await shop.write({ "reyns.ts": changed });
  const [before = ""] = await containerIds(shop.folder, "one");
  const kept = await shop.reyns("run web one keep=true");
  expect(kept).toMatchObject({ status: 0, stdout: "" });
  expect(kept.stderr).toStartWith(
    "warning web-one runs an outdated definition (changed: command)\n",
  );
  expect(await containerIds(shop.folder, "one")).toEqual([before]);
  await shop.must("run web one");
  const [after = ""] = await containerIds(shop.folder, "one");
  expect(after).not.toBe(before);
  // The other one has changed as well, but was not named.
  expect((await shop.reyns("run web one")).stderr).toContain("up to date: web-one\n");
  expect((await shop.reyns("run all keep=true")).stderr).toContain(
    "warning web-two runs an outdated",
  );
  expect(await containerIds(shop.folder, "one")).toEqual([after]);
  await shop.must("clean all force");
});
