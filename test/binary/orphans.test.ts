// Instances whose definition is gone: who names them, and who removes them.
import { afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { must } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);
beforeAll(importSmallImage);

/** Its file says so whenever it is run. */
const define = (...services: string[]): string =>
  `import { project, ready, service } from "reyns";
import { appendFileSync } from "node:fs";
appendFileSync(import.meta.dirname + "/runs", "x");
project("orphans");
for (const name of ${JSON.stringify(services)})
  service(name, { image: ${JSON.stringify(smallImage)}, init: true, ready: ready.started() });
`;

interface Shown {
  readonly hostname: string;
  readonly problems: readonly { readonly code: string; readonly remedy: string }[];
}

let shop: Project;

beforeEach(async () => {
  shop = await createProject({ "reyns.ts": define("web", "old", "older") });
  await shop.must("run all");
  await shop.write({ "reyns.ts": define("web") });
});
afterEach(() => shop?.[Symbol.asyncDispose]());

const runs = (): Promise<string> => Bun.file(`${shop.folder}/runs`).text();

async function problems(line = "ps json"): Promise<Record<string, readonly string[]>> {
  const shown = JSON.parse(await shop.must(line)) as Shown[];
  return Object.fromEntries(shown.map((one) => [one.hostname, one.problems.map((p) => p.code)]));
}

test("ps marks the orphans that the last run found, and never reads the definition for that", async () => {
  expect(await problems()).toEqual({ "old-one": [], "older-one": [], "web-one": [] });
  await shop.must("run web");
  const before = await runs();
  expect(await problems()).toEqual({
    "old-one": ["orphan"],
    "older-one": ["orphan"],
    "web-one": [],
  });
  const { stdout, stderr } = await shop.reyns("ps");
  expect(stdout).toMatch(/^old +one +running, orphan /m);
  expect(stdout).toMatch(/^web +one +running +10/m);
  expect(stderr).toContain(
    "warning no longer defined: old-one, older-one; remove what you do not need: reyns clean orphans=true\n",
  );
  expect((await shop.reyns("ps web")).stderr).toBe("");
  expect(await problems("status old json")).toEqual({ "old-one": ["orphan"] });
  expect(await shop.must("info old")).toMatch(
    /^problem +no longer defined \(reyns clean orphans=true\)$/m,
  );
  expect(await runs()).toBe(before);
});

test("clean orphans=true removes what is not defined now, and nothing else", async () => {
  const refused = await shop.reyns("clean orphans=true");
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain("Stop and remove these 2 instances?");
  expect(Object.keys(await problems())).toHaveLength(3);
  // Of one instance it needs no confirmation, as ever.
  expect(JSON.parse(await shop.must("clean older orphans=true json"))).toEqual([
    { service: "older", instance: "one" },
  ]);
  const { status, stderr } = await shop.reyns("clean orphans=true --yes");
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringMatching(/✓ old-one removed .*\n$/),
  });
  expect(await problems()).toEqual({ "web-one": [] });
  const again = await shop.reyns("clean orphans=true");
  expect(again).toEqual({
    status: 0,
    stdout: "",
    stderr: "nothing to clean: all that is here is defined\n",
  });
});

test("clean refuses strict together with orphans, and removes nothing", async () => {
  const { status, stderr } = await shop.reyns("clean all orphans=true strict=true force");
  expect(status).toBe(2);
  expect(stderr).toContain("error strict cannot be combined with orphans\n");
  expect(Object.keys(await problems())).toHaveLength(3);
});

test.each(["run all", "clean orphans=true", "clean all --yes"])(
  "%s forgets what is neither defined nor there, and ps no longer calls it missing",
  async (line) => {
    const gone = JSON.parse(await shop.must("info old json")) as { id: string };
    await must("docker", "rm", "--force", gone.id);
    expect(await shop.must("ps")).toMatch(/^old +one +missing/m);
    await shop.must(line);
    const { stdout, stderr } = await shop.reyns("ps");
    expect(stdout).not.toMatch(/^old /m);
    expect(stderr).not.toContain("missing");
  },
);

test("a run of one service keeps a missing instance that is defined, and clean forgets it", async () => {
  await shop.write({ "reyns.ts": define("web", "old") });
  const gone = JSON.parse(await shop.must("info old json")) as { id: string };
  await must("docker", "rm", "--force", gone.id);
  await shop.must("run web");
  await shop.must("clean web");
  expect(await shop.must("ps")).toMatch(/^old +one +missing/m);
  await shop.must("clean all --yes");
  expect((await shop.reyns("ps")).stdout).not.toContain("missing");
});
