// stop, start, restart and clean follow the dependencies that were recorded when the instances started.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

let shop: Project;

beforeAll(async () => {
  shop = await createProject({
    "reyns.ts": `import { job, project, ready, service } from "reyns";
project("ordered");
const image = "debian:bookworm-slim";
const sleeps = { image, init: true, command: ["sleep", "600"], ready: ready.file("/etc/hostname") };
const db = service("db", sleeps);
const migrate = job("migrate", { image, command: ["true"], after: db });
const web = service("web", { ...sleeps, after: migrate, links: db });
for (const instance of ["one", "two"]) service("front", { ...sleeps, instance, links: web });
`,
  });
  await shop.must("run all");
  // None of these commands may run it.
  const unusable =
    'import { project } from "reyns";\nproject("ordered");\nthrow new Error("no");\n';
  await shop.write({ "reyns.ts": unusable });
});
afterAll(() => shop?.[Symbol.asyncDispose]());

/** Host names in the order in which a call reports them as done. */
async function order(line: string): Promise<string[]> {
  const { status, stderr } = await shop.reyns(line);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return [...stderr.matchAll(/^✓ (\S+) /gm)].map(([, host = ""]) => host);
}

/** The fronts come at the same time: in any order. */
const sorted = (hosts: readonly string[]): string[] => hosts.toSorted();

const fronts = ["front-one", "front-two"];

test("stop all stops dependents first, and start all starts them last", async () => {
  const stopped = await order("stop all");
  expect(sorted(stopped.slice(0, 2))).toEqual(fronts);
  expect(stopped.slice(2)).toEqual(["web-one", "db-one"]);
  const started = await order("start all");
  expect(started.slice(0, 2)).toEqual(["db-one", "web-one"]);
  expect(sorted(started.slice(2))).toEqual(fronts);
});

test("restart all starts dependents last, and runs no job again that is done", async () => {
  const restarted = await order("restart all");
  expect(restarted.slice(0, 2)).toEqual(["db-one", "web-one"]);
  expect(sorted(restarted.slice(2))).toEqual(fronts);
  expect(await order("restart migrate")).toEqual(["migrate-one"]);
  expect(await order("restart db,migrate")).toEqual(["db-one", "migrate-one"]);
});

test("the name of a service means all of its instances", async () => {
  for (const command of ["stop", "start", "restart"])
    expect(sorted(await order(`${command} front`))).toEqual(fronts);
  expect(await order("stop front two")).toEqual(["front-two"]);
  expect(await order("start front")).toEqual(["front-two"]);
});

test("clean all removes dependents first", async () => {
  const removed = await order("clean all force=true");
  expect(sorted(removed.slice(0, 2))).toEqual(fronts);
  expect(removed.slice(2)).toEqual(["web-one", "migrate-one", "db-one", "network"]);
});
