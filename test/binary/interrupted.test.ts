import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import { must, until } from "../engine/support/images-container.ts";
import { inspectAll } from "./support/engine.ts";
import { createProject, listOwned, type Project } from "./support/project.ts";
import { call } from "./support/reyns.ts";
import { seed, withSeed } from "../support/seed.ts";

setDefaultTimeout(300_000);

/** FAULTS=long: many moments instead of one. */
const moments = process.env["FAULTS"] === "long" ? 20 : 1;

const hosts = ["db-one", "reyns-dns-main", "web-one", "web-two"];

let shop: Project;

const definition = (
  version: number,
): string => `import { dns, link, project, ready, service } from "reyns";
project("broken-off");
const ns = dns({ instance: "main" });
const env = { VERSION: "${version}" };
const db = service("db", { instance: "one", image: "debian:bookworm-slim", init: true, env,
  command: ["sleep", "600"], ready: ready.file("/etc/hostname"), volumes: { data: "/data" } });
for (const instance of ["one", "two"])
  service("web", { instance, env, links: [link(ns, "dns"), link(db)], persistentData: true });
`;

beforeAll(async () => {
  shop = await createProject({
    "services/web/Dockerfile": "FROM reyns/reyns-base\n",
    "reyns.ts": definition(0),
  });
  await shop.must("build all");
  await shop.must("run all yes");
  await shop.must("clean all force");
});

afterAll(() => shop?.[Symbol.asyncDispose]());

const parts = fc.sample(fc.double({ min: 0, max: 1, noNaN: true }), { seed, numRuns: moments });

/** Random moments of a call that takes some milliseconds: one in each of as many parts. */
const momentsOf = (duration: number): number[] =>
  parts.map((part, index) => (duration * (index + part)) / moments);

/** Milliseconds that a call takes when nothing comes between. */
async function durationOf(line: string): Promise<number> {
  const start = performance.now();
  await shop.must(line);
  return performance.now() - start;
}

/** All of it runs, once, and nothing beside it. */
async function expectAll(): Promise<void> {
  const containers = await inspectAll(shop.folder);
  expect([...containers.keys()].toSorted()).toEqual([...hosts, "keeper"].toSorted());
  expect([...containers.values()].every(({ State }) => State.Running)).toBe(true);
  // Their containers, and one network.
  expect(await listOwned(shop.folder)).toHaveLength(hosts.length + 2);
  const zone = (await shop.json("dns")) as { entries?: unknown };
  const text = JSON.stringify(zone);
  for (const host of ["db-one", "web-one", "web-two"]) expect(text).toContain(host);
}

for (const [line, check] of [
  ["run all", expectAll],
  ["clean all force", async () => expect(await listOwned(shop.folder)).toEqual([])],
] as const) {
  const other = line === "run all" ? "clean all force" : "run all";

  describe(`${line}, broken off`, () => {
    let duration = 0;

    beforeAll(async () => {
      await shop.must(other);
      duration = await durationOf(line);
    }, 300_000);

    test(`by kill -9 at ${moments} moments: the same call again completes it`, async () => {
      for (const moment of momentsOf(duration)) {
        await shop.must(other);
        await withSeed(async () => {
          const going = await call(shop.folder, line);
          await Bun.sleep(moment);
          going.kill("SIGKILL");
          await going.output;
          expect(await shop.reyns(line)).toMatchObject({ status: 0 });
          await check();
        });
      }
    });

    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      test(`by ${signal} at ${moments} moments: it ends with 130, and the same call again completes it`, async () => {
        for (const moment of momentsOf(duration)) {
          await shop.must(other);
          await withSeed(async () => {
            const going = await call(shop.folder, line);
            await until("its handlers", () => catches(going.pid));
            await Bun.sleep(moment);
            going.kill(signal);
            const { status, stderr } = await going.output;
            expect([0, 130]).toContain(status);
            if (status === 130) expect(stderr).toContain("error interrupted");
            expect(await shop.reyns(line)).toMatchObject({ status: 0 });
            await check();
          });
        }
      });
    }
  });
}

describe("run all that replaces every instance, broken off", () => {
  let version = 0;
  let duration = 0;

  const change = (): Promise<void> => shop.write({ "reyns.ts": definition(++version) });

  /** All of it runs in its new version, and nothing is left of the old one. */
  async function expectReplaced(): Promise<void> {
    await expectAll();
    for (const [host, { Name, Config }] of await inspectAll(shop.folder)) {
      expect(Name).not.toEndWith(".previous");
      const isChanged = host.startsWith("web") || host.startsWith("db");
      if (isChanged) expect(Config.Env).toContain(`VERSION=${version}`);
    }
  }

  beforeAll(async () => {
    await shop.must("run all");
    await change();
    duration = await durationOf("run all");
  }, 300_000);

  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    test(`by ${signal} at ${moments} moments: the same call again completes it`, async () => {
      for (const moment of momentsOf(duration)) {
        await change();
        await withSeed(async () => {
          const going = await call(shop.folder, "run all");
          await Bun.sleep(moment);
          going.kill(signal);
          await going.output;
          expect(await shop.reyns("run all")).toMatchObject({ status: 0 });
          await expectReplaced();
        });
      }
    });
  }
});

/** Whether a process has a handler for SIGTERM (proc(5), SigCgt), or has ended. */
async function catches(pid: number): Promise<boolean> {
  const caught = await must("sh", "-c", `grep SigCgt /proc/${pid}/status || true`);
  const mask = BigInt(`0x${/[0-9a-f]{16}/.exec(caught)?.[0] ?? "f".repeat(16)}`);
  return ((mask >> 14n) & 1n) === 1n;
}
