import { expect, setDefaultTimeout, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inspectAll } from "./support/engine.ts";
import { createProject, listOwned, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

const definition = (
  settings: string,
  more = "",
): string => `import { project, ready, required, service } from "reyns";
project("planned");
const sleeps = { image: "debian:bookworm-slim", init: true, command: ["sleep", "600"], ready: ready.file("/etc/hostname") };
service("db", sleeps);
service("web", { ...sleeps, ${settings} });
${more}`;

const create = (settings: string): Promise<Project> =>
  createProject({ "reyns.ts": definition(settings) });

async function ids(project: Project): Promise<Record<string, string>> {
  const containers = await inspectAll(project.folder);
  return Object.fromEntries([...containers].map(([host, { Id }]) => [host, Id]));
}

test("plan shows what run would do, with the reason and the old and new value, and does nothing", async () => {
  await using shop = await create('memLimit: "64m"');
  const first = await shop.must("plan");
  expect(first).toMatch(/^\+ create +network .*\n/);
  expect(first).toMatch(/\n\+ create +db-one +not there yet\n\+ create +web-one +not there yet\n/);
  expect(first).toEndWith("\n\nPlan: 2 to create, 0 unchanged");
  expect(await listOwned(shop.folder)).toEqual([]);

  await shop.must("run all");
  const before = await ids(shop);
  expect(await shop.must("plan")).toBe("Nothing to do: 2 unchanged");
  await shop.write({ "reyns.ts": definition('memLimit: "65m", env: { MODE: "new" }') });
  await shop.must("stop db");
  expect(await shop.must("plan")).toBe(`^ restart  db-one   exited
~ replace  web-one  changed
    memLimit  "64m" -> "65m"
    env MODE  (none) -> "new"

Plan: 1 to replace, 1 to restart, 0 unchanged`);
  expect(await ids(shop)).toEqual(before);
  const json = (await shop.json("plan")) as { actions: object[]; unchanged: string[] };
  expect(json).toMatchObject({ unchanged: [], orphans: [], lostData: [], missing: [] });
  expect(json.actions).toContainEqual({
    action: "replace",
    kind: "instance",
    name: "web-one",
    reason: "changed: memLimit, env MODE",
    changes: expect.arrayContaining([{ field: "memLimit", before: "64m", after: "65m" }]),
  });
});

test("plan exit_code=true ends with 4 only while there is something to do", async () => {
  await using shop = await create("");
  expect((await shop.reyns("plan exit_code=true")).status).toBe(4);
  expect((await shop.reyns("plan")).status).toBe(0);
  await shop.must("run all");
  expect((await shop.reyns("plan exit_code=true")).status).toBe(0);
});

test("plan hides values of secrets, and names the ones that run will ask for", async () => {
  await using shop = await create('env: { API_KEY: "first-secret", ASKED: required() }');
  const asked = await shop.reyns("plan");
  expect(asked.stderr).toContain("warning run will ask for: ASKED\n");
  expect(asked.status).toBe(0);
  await shop.must("run all", { env: { ASKED: "x" } });
  await shop.write({
    "reyns.ts": definition('env: { API_KEY: "second-secret", ASKED: required() }'),
  });
  const { stdout } = await shop.reyns("plan", { env: { ASKED: "x" } });
  expect(stdout).toMatch(/env API_KEY +changed\n/);
  expect(stdout).not.toMatch(/first-secret|second-secret/);
});

test("run plan=FILE does what a saved plan says", async () => {
  await using shop = await create("");
  await shop.must("plan out=first.plan");
  expect(await listOwned(shop.folder)).toEqual([]);
  await shop.must("run plan=first.plan");
  expect(Object.keys(await ids(shop)).toSorted()).toEqual(["db-one", "web-one"]);
});

test("run plan=FILE does nothing when something has changed since, and says what", async () => {
  await using shop = await create('env: { PASSWORD: "kept-out-of-it" }');
  await shop.must("run db");
  await shop.must("plan out=saved.plan");
  expect(await readFile(join(shop.folder, "saved.plan"), "utf8")).not.toContain("kept-out-of-it");
  const before = await ids(shop);

  await shop.write({ "reyns.ts": definition('env: { PASSWORD: "another" }') });
  const changed = await shop.reyns("run plan=saved.plan");
  expect(changed.stderr).toContain(
    "error the plan no longer fits what is here; nothing was done\n",
  );
  expect(changed.stderr).toContain("web-one has changed (not there yet)\n");
  expect(changed.status).toBe(1);

  await shop.write({ "reyns.ts": definition("", 'service("more", sleeps);\n') });
  await shop.must("stop db");
  const { status, stderr } = await shop.reyns("run plan=saved.plan");
  expect(stderr).toContain("more-one is new\n");
  expect(stderr).toContain("db-one is new\n");
  expect(status).toBe(1);
  expect(await ids(shop)).toEqual(before);
});

test("run refuses a plan file that it cannot read", async () => {
  await using shop = await createProject(
    { "reyns.ts": definition(""), "wrong.plan": "{}" },
    { offline: true },
  );
  const missing = await shop.reyns("run plan=none.plan");
  expect(missing).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("no such plan: none.plan"),
  });
  const wrong = await shop.reyns("run plan=wrong.plan");
  expect(wrong).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("wrong.plan is not a plan"),
  });
});
