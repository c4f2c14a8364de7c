import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../engine/support/images-container.ts";
import { mountedIn, publishedBy, type Details } from "./support/containers.ts";
import { containerIds, inspectAll } from "./support/engine.ts";
import { copyFixture } from "./support/fixture.ts";
import { createProject, type Project } from "./support/project.ts";
import { call } from "./support/reyns.ts";

setDefaultTimeout(240_000);

let older: Project;

beforeAll(async () => {
  older = await copyFixture("older");
  await older.must("build:all");
}, 300_000);

afterAll(() => older?.[Symbol.asyncDispose]());

async function command(service: string, words: string): Promise<string> {
  const line = ["shell", service, "one", "capture=true", `command=${words}`];
  return (JSON.parse(await older.must(line)) as { stdout: string }).stdout.trimEnd();
}

describe("an unchanged conf of the older tool", () => {
  test("runs in the order of the file, each instance when the one before is ready and its sleep is over", async () => {
    const { status, stderr } = await older.reyns("run:all,yes=True", { withProgress: true });
    expect(status).toBe(0);
    const order = [...stderr.matchAll(/✓ (\S+) ready/g)].map(([, host]) => host);
    expect(order).toEqual(["reyns-dns-main", "app-one", "front-one"]);
    expect(stderr).toContain("app-one sleeping 1 s");
  });

  test("may have comments and trailing commas, and all its keys apply", async () => {
    const front = (await inspectAll(older.folder)).get("front-one");
    expect(front?.Config.Labels["io.reyns.group"]).toBe("front");
    const words = `docker inspect ${front?.Id}`.split(" ");
    const [details] = JSON.parse(Bun.spawnSync(words).stdout.toString()) as [Details];
    expect(publishedBy(details)).toEqual([":28521->28521/tcp", ":28522->22/tcp"]);
    expect(mountedIn(details)).toEqual([]);
    expect(await command("app", "cat /order /files/file; echo $COLOUR $HERE")).toBe(
      "base\napp blue # not a comment\nfrom the project\nblue # not a comment 127.0.0.1",
    );
    expect(await command("front", "getent hosts app-one app dns")).toMatch(
      /^\S+ +app-one\S*.*\n\S+ +app\n\S+ +dns$/,
    );
    expect((await inspectAll(older.folder)).has("second")).toBe(false);
    await older.must("run app two");
    expect((await inspectAll(older.folder)).has("second")).toBe(true);
    await older.must("clean app two");
  });

  test("is named with or without .conf, and asks for missing values", async () => {
    for (const name of ["published", "published.conf"]) {
      const { status, stderr } = await older.reyns(`run:all,conf=${name},yes=True`);
      expect(status).toBe(2);
      expect(stderr).toContain("error missing value: BACKEND, required by front-published");
    }
    const { status, stderr } = await older.reyns("run:all,conf=publishd");
    expect([status, stderr.includes('did you mean "published"?')]).toEqual([2, true]);
  });

  test("changes nothing that runs when it is converted to reyns.ts", async () => {
    const said = await older.reyns("convert");
    expect(said.status).toBe(0);
    expect(said.stderr).toContain("removed the sleep of 1 s after app-one");
    expect(await readFile(join(older.folder, "reyns.ts"), "utf8")).toContain('project("older");');
    const again = await older.reyns("run all");
    expect(again.stderr).toContain("up to date: reyns-dns-main, app-one, front-one\n");
    await older.must("clean all force=True");
    await older.must("run all");
    expect(await command("front", "getent hosts app-one")).toContain("app-one");
    const refused = await older.reyns("convert");
    expect([refused.status, refused.stderr.includes("force=true")]).toEqual([1, true]);
    await Bun.file(join(older.folder, "reyns.ts")).delete();
    await older.must("clean all force=True");
  });
});

test("build, run, ssh, getip and clean take a service's name alone", async () => {
  await older.must("build:front");
  const [one] = (await older.json("run:front")) as { instance: string; address: string }[];
  expect(one?.instance).toMatch(/^[a-z0-9]{8}$/);
  expect(await older.must("ssh:front,command=hostname")).toBe(`front-${one?.instance}`);
  expect(await older.must("getip:front")).toBe(one?.address ?? "");
  await older.must("_stop:front");
  expect(await older.json("ps")).toEqual([]);
  await older.must("_start:front");
  expect(await older.json("ps")).toHaveLength(1);
  await older.must("clean:front");
  expect(await older.json("ps all")).toEqual([]);
});

test("init builds the base images", async () => {
  const { status, stderr } = await older.reyns("init");
  expect(status).toBe(0);
  for (const name of ["common", "base", "dns"])
    expect(stderr).toMatch(new RegExp(`✓ reyns/reyns-${name} (built|up to date)`));
});

describe("order", () => {
  test("run starts in the order of the file, and parallel=true only in the order of links", async () => {
    await using shop = await createProject({
      "services/app/Dockerfile": "FROM reyns/reyns-base\n",
      "default.conf": `[
        { "service": "app", "instance": "slow", "sleep": 600 },
        { "service": "app", "instance": "free" },
        { "service": "app", "instance": "linked", "links": ["app-slow:slow"] } ]`,
    });
    await shop.must("build all");
    const hosts = async (): Promise<string[]> =>
      [...(await inspectAll(shop.folder)).keys()].toSorted();
    const parallel = await call(shop.folder, "run:all,parallel=true");
    await until("the start of both", async () => (await hosts()).length === 2);
    expect(await hosts()).toEqual(["app-free", "app-slow"]);
    parallel.interrupt();
    await parallel.output;
    await shop.must("clean all force=True");
    const conf = await Bun.file(join(shop.folder, "default.conf")).text();
    await shop.write({ "default.conf": conf.replace("600", "1") });
    const { stderr } = await shop.reyns("run:all", { withProgress: true });
    const order = [...stderr.matchAll(/✓ (\S+) ready/g)].map(([, host]) => host);
    expect(order).toEqual(["app-slow", "app-free", "app-linked"]);
    expect(stderr).toContain("app-slow sleeping 1 s");
  });
});

test("run reports all mistakes of a conf at once with their lines, and starts nothing", async () => {
  await using shop = await createProject({
    "services/app/Dockerfile": "FROM reyns/reyns-base\n",
    "default.conf": `[
  { "service": "app", "instnce": "one" },
  { "service": "ap", "instance": "two" },
  { "service": "app", "instance": "Three" },
  { "service": "app", "instance": "four", "instance_type": "publishd" },
  { "service": "app", "instance": "five",
    "sleep": "long", "links": [ "no colon" ] },
  { "service": "app", "instance": "six" },
  { "service": "app", "instance": "six" },
]`,
  });
  const { status, stderr } = await shop.reyns("run all");
  expect(status).toBe(2);
  const places = [...stderr.matchAll(/error default\.conf:(\d+):/g)].map(([, line = ""]) => line);
  expect(places.toSorted((a, b) => a.localeCompare(b))).toEqual([
    "2",
    "3",
    "4",
    "5",
    "7",
    "7",
    "9",
  ]);
  expect(stderr).toContain('did you mean "instance"?');
  expect(stderr).toContain('instance_type is "publishd"');
  expect(await containerIds(shop.folder)).toEqual([]);
});
