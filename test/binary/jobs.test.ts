import { expect, setDefaultTimeout, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { call } from "./support/reyns.ts";

setDefaultTimeout(240_000);

/** A job that writes a line into ./log each time, and a service that comes after it. */
const definition = (
  command: string,
  more = "",
): string => `import { job, project, ready, service } from "reyns";
project("jobs");
const image = "debian:bookworm-slim";
const migrate = job("migrate", { image, command: ["sh", "-c", ${JSON.stringify(command)}], volumes: ["./log:/log"],
  stopSignal: "KILL" ${more} });
service("web", { image, init: true, command: ["sleep", "600"], ready: ready.file("/etc/hostname"), after: migrate });
`;

const create = (command: string, more?: string): Promise<Project> =>
  createProject({ "reyns.ts": definition(command, more), "log/lines": "" });

async function lines(project: Project): Promise<string[]> {
  const text = await readFile(join(project.folder, "log/lines"), "utf8");
  return text.split("\n").filter(Boolean);
}

async function states(project: Project): Promise<Record<string, string>> {
  const shown = (await project.json("ps all")) as { hostname: string; state: string }[];
  return Object.fromEntries(shown.map(({ hostname, state }) => [hostname, state]));
}

test("a job runs once, before what comes after it, and again when its definition changes or the call names it", async () => {
  await using shop = await create("sleep 0.5; echo first >> /log/lines");
  const { status, stderr } = await shop.reyns("run all");
  expect(stderr).toMatch(/✓ migrate-one [^]*✓ web-one ready/);
  expect(status).toBe(0);
  expect(await lines(shop)).toEqual(["first"]);
  expect((await states(shop))["web-one"]).toBe("running");

  expect((await shop.reyns("run all")).stderr).toContain("up to date: migrate-one, web-one\n");
  expect(await lines(shop)).toEqual(["first"]);

  await shop.write({ "reyns.ts": definition("echo second >> /log/lines") });
  await shop.must("run all");
  expect(await lines(shop)).toEqual(["first", "second"]);
  await shop.must("run migrate");
  expect(await lines(shop)).toEqual(["first", "second", "second"]);
});

test("a job with always: true runs each time", async () => {
  await using shop = await create("echo again >> /log/lines", ", always: true");
  await shop.must("run all");
  await shop.must("run all");
  expect(await lines(shop)).toEqual(["again", "again"]);
});

test("run fails with the output of a job that fails, and starts nothing that waits for it", async () => {
  await using shop = await create("echo no such table >&2; exit 7");
  const { status, stderr } = await shop.reyns("run all");
  expect(stderr).toMatch(/^error migrate-one: .*status 7/m);
  expect(stderr).toContain("| no such table\n");
  expect(stderr).toContain("never started: web-one\n");
  expect(status).toBe(1);
  // Named with what waits for it, where there is something.
  const alone = await shop.reyns("run migrate");
  expect(alone.stderr).toEndWith("      fix the cause, and run it again\n");
  expect(alone.stderr).not.toContain("never started");
  expect(await states(shop)).not.toHaveProperty("web-one");
  await shop.write({ "reyns.ts": definition("echo mended >> /log/lines") });
  await shop.must("run all");
  expect(await lines(shop)).toEqual(["mended"]);
  expect((await states(shop))["web-one"]).toBe("running");
});

test("run says of a job at its timeout that it has not ended", async () => {
  await using shop = await create("sleep 600", ", timeout: 1");
  const { status, stderr } = await shop.reyns("run all");
  expect(stderr).toContain("error migrate-one: has not ended after 1 s\n");
  expect(stderr).toContain("migrate-one is still running; allow more time with timeout=SECONDS\n");
  expect(status).toBe(1);
});

/** A project whose job is at work until there is a file log/go, and whose definition has changed meanwhile. */
async function createAtWork(): Promise<Project> {
  const work = "until [ -e /log/go ]; do sleep 0.1; done";
  const shop = await create(`echo begun >> /log/lines; ${work}; echo ended >> /log/lines`);
  const going = await call(shop.folder, "run all");
  await until("the job to begin", async () => (await lines(shop)).length === 1);
  going.kill("SIGINT");
  await going.output;
  await shop.write({ "reyns.ts": definition("echo new >> /log/lines") });
  return shop;
}

test("run waits for the end of a changed job that is at work, and then runs the new one", async () => {
  await using shop = await createAtWork();
  expect(await shop.must("plan")).toContain("migrate-one  once it has ended; changed: command\n");
  const going = await call(shop.folder, "run all");
  const warning =
    "warning migrate-one is still at work on its earlier definition: the new one runs when it has ended\n";
  await until("the warning", async () => going.written().includes(warning));
  await shop.write({ "log/go": "" });
  expect(await going.output).toMatchObject({ status: 0 });
  expect(await lines(shop)).toEqual(["begun", "ended", "new"]);
});

test("run that names a changed job stops it, and starts the new one at once", async () => {
  await using shop = await createAtWork();
  const going = await call(shop.folder, "run all");
  await until("the wait", async () => going.written().includes("is still at work"));
  going.kill("SIGINT");
  expect((await going.output).status).toBe(130);
  expect((await states(shop))["migrate-one"]).toBe("running");
  await shop.must("run migrate");
  expect(await lines(shop)).toEqual(["begun", "new"]);
});
