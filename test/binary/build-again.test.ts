// A build of what has not changed costs the Engine nothing; one of what has is never left out.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { must, run } from "../engine/support/images-container.ts";
import { createProject, pruneImages, type Project } from "./support/project.ts";
import { openRelay } from "./support/relay.ts";

setDefaultTimeout(240_000);

const base = "reyns-test/again-base";
const label = "io.reyns.test=again";
let shop: Project;

/** A base of the test's own, which it can change. */
async function makeBase(text: string): Promise<void> {
  const dockerfile = `FROM debian:bookworm-slim\nLABEL ${label} text="${text}"\n`;
  await must("sh", "-c", `printf '%s' "$1" | docker build -q -t ${base} -`, "-", dockerfile);
}

beforeAll(async () => {
  await makeBase("one");
  shop = await createProject({
    "services/web/Dockerfile": `FROM ${base}\nCOPY . /files\n`,
    "services/web/.dockerignore": "*.log\n",
    "services/web/run": "#!/bin/sh\n",
    "services/child/Dockerfile": "FROM again/web\n",
    "services/fetching/Dockerfile": `FROM ${base}\nCOPY --from=debian:bookworm-slim /etc/debian_version /version\n`,
    "reyns.ts": `import { project, service } from "reyns";
project("again");
service("web", { build: { context: "services/web", args: { A: process.env.A ?? "1" } } });
`,
  });
  await shop.must("build all");
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  await run(["docker", "rmi", "--force", "again/child", "again/web", "again/fetching", base]);
  await pruneImages(label);
});

/** How many builds the Engine is asked for. */
async function builds(line: string, env: Readonly<Record<string, string>> = {}): Promise<number> {
  await using relay = await openRelay();
  await shop.must(line, { env: { ...env, DOCKER_HOST: relay.host } });
  return relay.requests.filter((request) => /^POST \S*\/build\?/.test(request)).length;
}

const inWeb = (name: string): string => join(shop.folder, "services/web", name);

test("build asks the Engine for no build when nothing has changed, except where a file comes from another image", async () => {
  expect(await builds("build web")).toBe(0);
  expect(await builds("build child")).toBe(0);
  expect(await builds("build all")).toBe(1);
  expect((await shop.reyns("build web")).stderr).toMatch(/^✓ again\/web up to date/m);
});

test("an ignored file or a new modification time causes no build", async () => {
  await shop.write({ "services/web/a.log": "new\n", "services/web/run": "#!/bin/sh\n" });
  expect(await builds("build web")).toBe(0);
});

test.each<readonly [string, () => Promise<unknown>]>([
  ["a text", () => shop.write({ "services/web/run": "#!/bin/sh\necho\n" })],
  ["a mode", () => chmod(inWeb("run"), 0o700)],
  ["a file that came", () => shop.write({ "services/web/more": "" })],
  ["a file that went", () => rm(inWeb("more"))],
  ["the base", () => makeBase("two")],
  ["another image of that name", () => must("docker", "tag", base, "again/web")],
  ["no image any more", () => must("docker", "rmi", "--force", "again/web")],
  ["no notes any more", () => rm(join(shop.folder, ".reyns/builds.json"))],
  ["notes in pieces", () => shop.write({ ".reyns/builds.json": '{"again/web":{"id"' })],
])("a change of %s causes one build, and then no more", async (_, change) => {
  await change();
  expect(await builds("build web")).toBe(1);
  expect(await builds("build web")).toBe(0);
});

test("a new argument causes a build, and so does cache=False", async () => {
  expect(await builds("build web", { A: "2" })).toBe(1);
  expect(await builds("build web", { A: "2" })).toBe(0);
  expect(await builds("build web cache=False", { A: "2" })).toBe(1);
});

test("an image is built again when its parent has changed", async () => {
  await shop.must("build all");
  await shop.write({ "services/web/run": "#!/bin/sh\necho again\n" });
  expect(await builds("build child")).toBe(2);
});
