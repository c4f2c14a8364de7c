// A `reyns test` that is broken off at any moment leaves nothing, at the latest after the next command of the project.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { until } from "../engine/support/images-container.ts";
import { seed, withSeed } from "../support/seed.ts";
import { engineAnswer } from "../support/engine-api.ts";
import { createProject, type Project } from "./support/project.ts";
import { call } from "./support/reyns.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(600_000);

/** FAULTS=long: many moments instead of two. */
const moments = process.env["FAULTS"] === "long" ? 34 : 2;
const parts = fc.sample(fc.double({ min: 0, max: 1, noNaN: true }), { seed, numRuns: moments });

let shop: Project;
let duration = 0;

beforeAll(async () => {
  await importSmallImage();
  shop = await createProject({
    "reyns.ts": `import { expect, project, ready, service, test } from "reyns";
project("test-broken-off");
const image = ${JSON.stringify(smallImage)};
const db = service("db", { image, init: true, ready: ready.started(), volumes: { data: "/data" } });
const web = service("web", { image, init: true, ready: ready.started(), after: db, persistentData: true });
for (const name of ["first", "second"])
  test(name, async ({ exec }) => expect((await exec(web, "sleep 0.3; echo " + name)).stdout).toBe(name + "\\n"));
`,
  });
  const start = performance.now();
  await shop.must("test");
  duration = performance.now() - start;
});
afterAll(() => shop?.[Symbol.asyncDispose]());

/** Names of everything on the Engine that has the folder, or a copy in it, for its origin. */
async function listLeft(): Promise<string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: ["io.reyns.folder"] }));
  const get = <Answer>(path: string): Promise<Answer> => engineAnswer("GET", path);
  const [containers, networks, volumes] = await Promise.all([
    get<Labelled[]>(`/containers/json?all=true&filters=${filters}`),
    get<Labelled[]>(`/networks?filters=${filters}`),
    get<{ Volumes: Labelled[] | null }>(`/volumes?filters=${filters}`),
  ]);
  return [...containers, ...networks, ...(volumes.Volumes ?? [])].flatMap((one) =>
    one.Labels["io.reyns.folder"]?.startsWith(shop.folder)
      ? (one.Name ?? one.Names?.join(" ") ?? "")
      : [],
  );
}

/** What a call has asked for when it is killed, the Engine may still be about to make. */
async function untilSettled(): Promise<void> {
  let last = "";
  await until("the Engine to make nothing more", async () => {
    const before = last;
    await Bun.sleep(1500);
    last = (await listLeft()).toSorted().join();
    return last === before;
  });
}

interface Labelled {
  readonly Name?: string;
  readonly Names?: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
}

/** Entries of a folder in the project's; none where it is gone. */
function entriesOf(path: string): string[] {
  const folder = join(shop.folder, path);
  return existsSync(folder) ? readdirSync(folder) : [];
}

async function expectNothing(): Promise<void> {
  expect(await listLeft()).toEqual([]);
  expect(entriesOf(".reyns/copies")).toEqual([]);
  expect(entriesOf(".reyns/tests")).toEqual([]);
  expect(entriesOf("data_test-broken-off/.copies")).toEqual([]);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const)
  describe(signal, () => {
    test.each(parts.map((part, index) => [index, part]))(
      "moment %d: nothing is left",
      async (index, part) => {
        await withSeed(async () => {
          const going = await call(shop.folder, "test");
          await Bun.sleep((duration * (index + part)) / moments);
          going.kill(signal);
          const { status, stderr } = await going.output;
          // The call may have ended before, or have had nothing to end yet.
          const killed = { SIGINT: 130, SIGTERM: 143, SIGKILL: 137 }[signal];
          expect([0, 130, killed], stderr).toContain(status);
          expect(stderr).not.toContain("the same command goes on");
          if (stderr.includes("interrupted"))
            expect(stderr).toContain("interrupted; the copy was removed; no receipt was written");
          if (signal === "SIGKILL") {
            await untilSettled();
            await shop.must("ps");
          }
          await expectNothing();
        });
      },
    );
  });

test("copies of calls that go on are left alone", async () => {
  const going = await call(shop.folder, "test");
  // It has it until its copy is removed.
  const claimed = await until("its claim", async () => {
    const entries = entriesOf(".reyns/tests");
    return entries.length > 0 ? entries : undefined;
  });
  await shop.must("ps");
  expect(entriesOf(".reyns/tests")).toEqual(claimed ?? []);
  const { status, stderr } = await going.output;
  expect(status, stderr).toBe(0);
  await expectNothing();
});
