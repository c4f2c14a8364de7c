// What ps says of instances that have ended, are missing or were stopped on purpose.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must, run, until } from "../engine/support/images-container.ts";
import { inspectAll } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

const definition = `import { job, project, ready, service } from "reyns";
project("states");
const settings = { image: "debian:bookworm-slim", init: true, ready: ready.started() };
const waits = (then) => ["sh", "-c", "until [ -e /go ]; do sleep 0.05; done; " + then];
service("status", { ...settings, command: waits("exit 3") });
service("signal", { ...settings, command: waits("kill -KILL $$") });
service("again", { ...settings, command: waits("rm /go; exit 1"), restart: "always" });
for (const instance of ["one", "two"]) service("web", { ...settings, instance, command: ["sleep", "600"] });
job("migrate", { image: settings.image, command: ["true"] });
job("failing", { image: settings.image, command: ["sh", "-c", "exit 7"], autorun: false });
`;

interface Shown {
  readonly service: string;
  readonly instance: string;
  readonly hostname: string;
  readonly state: string;
  readonly exitCode: number | null;
  readonly restarts: number;
  readonly job: boolean;
  readonly startedAt: string | null;
}

let shop: Project;

beforeAll(async () => {
  shop = await createProject({ "reyns.ts": definition });
  await shop.must("run all");
  for (const host of ["status-one", "signal-one", "again-one"]) {
    const { Id = "none" } = (await inspectAll(shop.folder)).get(host) ?? {};
    // The container may end before this command does.
    await run(["docker", "exec", Id, "touch", "/go"]);
  }
  await until("the ends, and the restart", async () => {
    const shown = await json("ps all");
    const ended = shown.filter(({ state }) => state === "exited");
    const again = shown.find(({ service }) => service === "again");
    return ended.length >= 3 && again?.restarts === 1 && again.state === "running";
  });
  await shop.must("stop web two");
});
afterAll(() => shop?.[Symbol.asyncDispose]());

const json = async (line: string): Promise<Shown[]> => (await shop.json(line)) as Shown[];

/** The cells of an instance's row up to its restarts, without empty ones. */
async function row(line: string, service: string, instance = "one"): Promise<string | undefined> {
  const table = await shop.must(line);
  const found = table
    .split("\n")
    .find((text) => new RegExp(`^${service} +${instance} `).test(`${text} `));
  return found?.replace(/ {2,}/g, " | ").trim();
}

test("ps shows the status of what has ended by itself, and names its signal", async () => {
  expect(await row("ps", "status")).toMatch(/^status \| one \| exited \(3\)/);
  expect(await row("ps", "signal")).toMatch(/^signal \| one \| exited \(137, SIGKILL\)/);
  const shown = await json("ps");
  expect(shown.find(({ service }) => service === "status")).toMatchObject({
    state: "exited",
    exitCode: 3,
    restarts: 0,
    outOfMemory: false,
  });
});

test("ps -q prints the ids of containers, and --format json is json", async () => {
  const { Id = "none" } = (await inspectAll(shop.folder)).get("web-one") ?? {};
  expect(await shop.reyns("ps web one -q")).toMatchObject({ status: 0, stdout: `${Id}\n` });
  expect(await shop.must("ps web one --format json")).toBe(await shop.must("ps web one json"));
});

test("ps of a state lists those alone, also what was stopped on purpose, and --services their services", async () => {
  const hostsOf = async (line: string): Promise<string[]> =>
    (await json(line)).map(({ hostname }) => hostname).toSorted();
  expect(await hostsOf("ps web state=exited")).toEqual(["web-two"]);
  expect(await hostsOf("ps web --status running")).toEqual(["web-one"]);
  expect(await hostsOf("ps web --filter status=exited --status running")).toEqual([
    "web-one",
    "web-two",
  ]);
  expect(await shop.must("ps web --services --filter status=exited")).toBe("web");
  expect(await shop.reyns("ps web --status paused")).toMatchObject({
    stdout: "",
    stderr: "no instance is paused\n",
  });
  const refused = await shop.reyns("ps status=up");
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('state is "up"') });
});

test("logs --tail all shows everything", async () => {
  expect((await shop.reyns("logs web --tail all")).status).toBe(0);
});

test("status shows what has ended by itself, and not what was stopped or is a job that is done", async () => {
  expect(await row("status", "status")).toMatch(/^status \| one \| exited \(3\)/);
  expect(await row("status", "web", "one")).toMatch(/^web \| one \| running/);
  expect(await row("status", "web", "two")).toBeUndefined();
  expect(await row("status", "migrate")).toBeUndefined();
  const shown = (await shop.json("status")) as { hostname: string; processes: unknown }[];
  expect(shown.find(({ hostname }) => hostname === "signal-one")).toMatchObject({
    state: "exited",
    exitCode: 137,
    processes: null,
  });
});

test("ps counts the restarts of a restart policy", async () => {
  expect(await row("ps", "again")).toMatch(/^again \| one \| running \| 1 \| 10\./);
  expect((await json("ps again"))[0]).toMatchObject({ state: "running", restarts: 1 });
});

test("ps shows a job that has ended as done", async () => {
  expect(await row("ps", "migrate")).toMatch(/^migrate \| one \| done/);
  expect((await json("ps migrate"))[0]).toMatchObject({ job: true, state: "exited", exitCode: 0 });
});

test("ps shows what was stopped on purpose only with all", async () => {
  expect(await row("ps", "web", "one")).toMatch(/^web \| one \| running/);
  expect(await row("ps", "web", "two")).toBeUndefined();
  expect(await row("ps all", "web", "two")).toMatch(/^web \| two \| exited/);
});

test("ps of a service lists its instances alone, and refuses an unknown one", async () => {
  expect((await json("ps web")).map(({ hostname }) => hostname)).toEqual(["web-one"]);
  expect((await json("ps web all")).map(({ hostname }) => hostname).toSorted()).toEqual([
    "web-one",
    "web-two",
  ]);
  const { status, stderr } = await shop.reyns("ps wbe");
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringContaining('did you mean "web"?'),
  });
});

test("ps shows a job that has failed with its status", async () => {
  expect((await shop.reyns("run failing")).status).toBe(1);
  expect(await row("ps", "failing")).toMatch(/^failing \| one \| failed \(7\)/);
  expect((await json("ps failing"))[0]).toMatchObject({ job: true, exitCode: 7 });
  await shop.must("clean failing");
});

test("ps names an instance whose container somebody has removed as missing, until it runs or is cleaned", async () => {
  const { Id = "none" } = (await inspectAll(shop.folder)).get("web-one") ?? {};
  await must("docker", "rm", "--force", Id);
  const { stdout, stderr } = await shop.reyns("ps");
  expect(stdout).toMatch(/^web +one +missing$/m);
  expect(stderr).toContain("reyns run all");
  expect(await json("ps web")).toContainEqual({
    service: "web",
    instance: "one",
    state: "missing",
    problems: [{ code: "missing", message: expect.any(String), remedy: "reyns run all" }],
  } as unknown as Shown);
  await shop.must("run web one");
  expect(await row("ps", "web", "one")).toMatch(/^web \| one \| running/);
  await shop.must("clean web one");
  expect(await row("ps all", "web", "one")).toBeUndefined();
});
