// A run makes what is there match the definition: these tests change the definition and look at the containers.
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { must, until } from "../engine/support/images-container.ts";
import { inspectAll, restartPolicies, runningIds } from "./support/engine.ts";
import { createProject, listOwned, type Project } from "./support/project.ts";
import { openRelay } from "./support/relay.ts";
import { call } from "./support/reyns.ts";

setDefaultTimeout(240_000);

const head = `import { conf, dns, link, project, ready, service } from "reyns";
project("converge");
const settings = { image: "debian:bookworm-slim", init: true, ready: ready.file("/etc/hostname") };
const sleeps = { ...settings, command: ["sleep", "600"] };
`;
const changed = '{ ...sleeps, command: ["sleep", "601"] }';
const failing = '{ ...sleeps, command: ["sleep", "no number"] }';

const create = (text: string): Promise<Project> => createProject({ "reyns.ts": head + text });
const define = (project: Project, text: string): Promise<void> =>
  project.write({ "reyns.ts": head + text });

const running = ({ folder }: Project): Promise<Record<string, string>> => runningIds(folder);

/** A loop over instances of one service. */
const instances = (names: string, settings: string): string =>
  `for (const instance of ${JSON.stringify(names.split(" "))}) service("web", { ...${settings}, instance });\n`;

test("run starts the container of a stopped instance again and does not touch the others", async () => {
  await using shop = await create(instances("one two", "sleeps"));
  await shop.must("run all");
  const before = await inspectAll(shop.folder);
  await shop.must("stop web two");
  const { status, stderr } = await shop.reyns("run all");
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringMatching(/✓ web-two ready .*\n(?:.*\n)*up to date: web-one\n$/),
  });
  const after = await inspectAll(shop.folder);
  for (const host of ["web-one", "web-two"])
    expect(after.get(host)?.Id).toBe(before.get(host)?.Id ?? "");
  expect(after.get("web-one")?.State.StartedAt).toBe(before.get("web-one")?.State.StartedAt ?? "");
  expect(after.get("web-two")?.State.Running).toBe(true);
});

test("run replaces an instance whose image was built again, and only that one", async () => {
  const dockerfile = (seconds: number): string =>
    `FROM debian:bookworm-slim\nCMD ["sleep", "${seconds}"]\n`;
  await using shop = await createProject({
    "services/built/Dockerfile": dockerfile(600),
    "reyns.ts": `${head}service("built", { init: true, ready: settings.ready });\nservice("web", sleeps);\n`,
  });
  await shop.must("build all");
  await shop.must("run all");
  const before = await running(shop);
  await shop.write({ "services/built/Dockerfile": dockerfile(601) });
  const unbuilt = await shop.reyns("run all");
  expect(unbuilt.stderr).toContain(
    "warning ./services/built has changed since the image of built was",
  );
  expect(unbuilt.stderr).toEndWith("up to date: built-one, web-one\n");
  expect(await running(shop)).toEqual(before);
  await shop.must("build all");
  expect(await shop.must("plan all")).toContain("built-one  changed: image rebuilt\n");
  const { stderr } = await shop.reyns("run all");
  expect(stderr).toMatch(/✓ built-one ready .* changed: image rebuilt /);
  const after = await running(shop);
  expect(after["web-one"]).toBe(before["web-one"] ?? "");
  expect(Object.keys(after)).toContain("built-one");
  expect(after["built-one"]).not.toBe(before["built-one"] ?? "");
});

test.each([
  ["exits at once", failing, /^error web-one: exited right after starting \(status 1\)/m],
  [
    "does not become ready",
    '{ ...sleeps, env: { A: "b" }, ready: ready.file("/never"), timeout: 1 }',
    /^error web-one: not ready after 1 s/m,
  ],
])("run goes back to the former container when a new one %s", async (_, settings, reason) => {
  await using shop = await create(instances("one two", "sleeps"));
  await shop.must("run all");
  const before = await running(shop);
  await define(shop, instances("one two", settings));
  const { status, stderr } = await shop.reyns("run all");
  expect(stderr).toMatch(reason);
  expect(stderr).toContain("the former version of web-one runs again; fix the cause");
  expect(stderr).toContain("not replaced: web-two\n");
  expect(status).toBe(1);
  // The second one waits for the first, so that one bad version never stops all of them.
  expect(await running(shop)).toEqual(before);
  // Two containers and the network: nothing is left of the attempt.
  expect(await listOwned(shop.folder)).toHaveLength(3);
  await define(shop, instances("one two", "sleeps"));
  expect((await shop.reyns("run all")).stderr).toContain("up to date: web-one, web-two\n");
});

test("run waits until the former container is ready again, and says so if it is not", async () => {
  const settings = (marker: string, more = ""): string =>
    `{ ...settings, command: ["sh", "-c", "rm -f /up; sleep 2; while [ -e /held ]; do sleep 0.1; done; touch ${marker}; exec sleep 600"], ready: ready.file("/up") ${more} }`;
  await using shop = await create(instances("one", settings("/up")));
  await shop.must("run all");
  await define(shop, instances("one", failing));
  const ready = await shop.reyns("run all");
  expect(ready.stderr).toContain("the former version of web-one runs again; fix the cause");
  const [id = ""] = Object.values(await running(shop));
  await must("docker", "exec", id, "test", "-e", "/up");

  // A former one that takes longer than its timeout.
  await must("docker", "exec", id, "touch", "/held");
  const { status, stderr } = await shop.reyns("run all timeout=1");
  expect(stderr).toContain(
    "the former version of web-one was started again, but is not ready: /up does not exist; fix the cause",
  );
  expect(status).toBe(1);
  expect(Object.values(await running(shop))).toEqual([id]);
});

test("run goes back to the former container of a replacement that was killed, before it replaces another", async () => {
  const always = '{ ...sleeps, restart: "always" }';
  const never = `{ ...${always}, env: { A: "b" }, ready: ready.file("/never"), timeout: 2 }`;
  await using shop = await create(instances("one two", always));
  await shop.must("run all");
  const before = await running(shop);
  await define(shop, instances("one two", never));
  const going = await call(shop.folder, "run all timeout=120");
  // A power failure now must not start both.
  await until("the new container, and no restart of the former", async () => {
    const found = await restartPolicies(shop.folder);
    return found["web-one"] === "always" && found["web-one.previous"] === "no";
  });
  going.kill("SIGKILL");
  await going.output;
  const { status, stderr } = await shop.reyns("run all");
  expect(stderr).toContain("error web-one: not ready after 2 s");
  expect(stderr).toContain("the former version of web-one runs again");
  expect(stderr).not.toContain("error web-two");
  expect(status).toBe(1);
  expect(await running(shop)).toEqual(before);
  expect(await restartPolicies(shop.folder)).toEqual({ "web-one": "always", "web-two": "always" });
  expect(await listOwned(shop.folder)).toHaveLength(3);
});

test.each([
  ["one after the other", "run all", false],
  ["at the same time with jobs=2", "run all jobs=2", true],
])("run replaces the instances of a service %s", async (_, line, isAtOnce) => {
  await using shop = await create(instances("one two", "sleeps"));
  await shop.must("run all");
  await define(shop, instances("one two", changed));
  await using relay = await openRelay();
  await shop.must(line, { env: { DOCKER_HOST: relay.host } });
  const isOf = (pattern: RegExp): number[] =>
    relay.requests.flatMap((request, index) => (pattern.test(request) ? [index] : []));
  const [, secondStop = -1] = isOf(/^POST \S*\/containers\/\w+\/stop/);
  const [firstRemoval = -1] = isOf(/^DELETE \S*\/containers\//);
  expect(Math.min(secondStop, firstRemoval)).toBeGreaterThan(0);
  expect(secondStop < firstRemoval).toBe(isAtOnce);
});

test("run names instances that are no longer defined, and removes them with prune=true", async () => {
  await using shop = await create(instances("one two", "sleeps"));
  await shop.must("run all");
  const before = await running(shop);
  await define(shop, instances("one", "sleeps"));
  const words = "no longer defined, and left alone: web-two; add prune=true to remove them";
  expect((await shop.reyns("run all")).stderr).toContain(`warning ${words}\n`);
  expect(await running(shop)).toEqual(before);
  const { status, stderr } = await shop.reyns("run all prune=true");
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringMatching(/✓ web-two removed .*\nup to date: web-one\n$/),
  });
  expect(await running(shop)).toEqual({ "web-one": before["web-one"] ?? "" });
});

test("run of a service runs all of its instances and what they need, which deps=false leaves out", async () => {
  await using shop = await create(`const db = service("db", sleeps);
service("other", sleeps);
for (const instance of ["one", "two"]) service("web", { ...sleeps, instance, after: db });
`);
  await shop.must("run web two deps=false");
  expect(Object.keys(await running(shop))).toEqual(["web-two"]);
  await shop.must("run web");
  expect(Object.keys(await running(shop)).toSorted()).toEqual(["db-one", "web-one", "web-two"]);
});

test("run with deps=false names the command that starts what a link leads to", async () => {
  await using shop = await create(
    'const db = service("db", sleeps);\nservice("web", { ...sleeps, links: db });\n',
  );
  const { status, stderr } = await shop.reyns("run web deps=false");
  expect(stderr).toContain("error db-one does not run: reyns run db one\n");
  expect(stderr).toContain("if it runs on another machine, set DB_SERVICE_IP to its address");
  expect(status).toBe(2);
  await shop.must("run db one");
  await shop.must("run web deps=false");
  expect(Object.keys(await running(shop)).toSorted()).toEqual(["db-one", "web-one"]);
});

test("run refuses an instance that is not defined, unless new=true asks for one more", async () => {
  await using shop = await create('service("web", sleeps);\n');
  const { status, stderr } = await shop.reyns("run web two");
  expect(stderr).toContain('error no instance "two" of web is defined\n');
  expect(stderr).toContain("reyns run web two new=true");
  expect(status).toBe(2);
  await shop.must("run web two new=true");
  await shop.must("run web new=true");
  const hosts = Object.keys(await running(shop));
  expect(hosts).toContain("web-two");
  expect(hosts.filter((host) => /^web-[a-z][a-z0-9]{7}$/.test(host))).toHaveLength(1);
  // They were asked for: no definition has to name them.
  expect((await shop.reyns("run all prune=true")).stderr).not.toContain("removed");
  expect(Object.keys(await running(shop))).toHaveLength(3);
});

test("run goes on with the conf that runs, and asks before it runs another beside it", async () => {
  await using shop = await create(`service("web", sleeps);
conf("test", () => void service("web", { ...sleeps, instance: "test" }));
`);
  await shop.must("run all conf=test");
  expect((await shop.reyns("run all")).stderr).toContain("up to date: web-test\n");
  const { status, stderr } = await shop.reyns("run all conf=default");
  expect(stderr).toContain(
    'The conf "test" runs here. "default" adds web-one; keeps web-test. Run it?',
  );
  expect(stderr).toContain("add yes=true to run it");
  expect(status).toBe(2);
  expect(Object.keys(await running(shop))).toEqual(["web-test"]);
  await shop.must("run all conf=default yes=true");
  expect(Object.keys(await running(shop)).toSorted()).toEqual(["web-one", "web-test"]);
  const both = await shop.reyns("run all");
  expect(both.stderr).toContain("several confs run here: default (web-one), test (web-test)");
  expect(both.status).toBe(2);
  // A comment is no machine.
  await shop.write({
    "reyns.ts": `${await Bun.file(join(shop.folder, "reyns.ts")).text()}// no node("far") yet\n`,
  });
  const saved = await shop.reyns("save out=saved.reyns");
  expect(saved.stderr).toContain("several confs run here: default (web-one), test (web-test)");
  expect(saved.status).toBe(2);
});
