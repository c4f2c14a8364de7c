// What runs follows the images that the project builds on the bundled ones, and not a newer version of Reyns alone.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { labels } from "../../src/model/labels.ts";
import { must, run } from "../engine/support/images-container.ts";
import { createProject, pruneImages, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

const base = "reyns-test/rebuilt-base";
const label = "io.reyns.test=rebuilt";
let shop: Project;

/** A base image as an executable with these assets would have built it. */
async function makeBase(assets: string): Promise<void> {
  const dockerfile = `FROM debian:bookworm-slim\nLABEL ${label} ${labels.assets}=${assets}\nRUN echo ${assets} >/assets\n`;
  await must("sh", "-c", `printf '%s' "$1" | docker build -q -t ${base} -`, "-", dockerfile);
}

const sleeps = (seconds: number): string =>
  `FROM ${base}\nCOPY . /files\nCMD ["sleep", "${seconds}"]\n`;

beforeAll(async () => {
  await makeBase("one");
  shop = await createProject({
    "services/api/Dockerfile": sleeps(600),
    "services/child/Dockerfile": "FROM rebuilt/api\n",
    "services/migrate/Dockerfile": `FROM ${base}\nCOPY . /files\nCMD ["true"]\n`,
    "reyns.ts": `import { project, service, job, ready } from "reyns";
project("rebuilt");
for (const name of ["api", "child"]) service(name, { init: true, ready: ready.started() });
job("migrate");
`,
  });
  await shop.must("build all");
  await shop.must("run all");
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  const names = ["child", "migrate", "api"].map((name) => `rebuilt/${name}`);
  await run(["docker", "rmi", "--force", ...names, base]);
  await pruneImages(label);
});

/** Those that a run would replace because of their images. */
async function changed(): Promise<readonly string[]> {
  const { status, stdout } = await shop.reyns("plan all");
  expect(status).toBe(0);
  return [...stdout.matchAll(/replace *(\S+) +changed: image rebuilt$/gm)].map(
    ([, host = ""]) => host,
  );
}

test("an edited file replaces what runs on a bundled image once it is built, and what builds on that", async () => {
  await shop.write({ "services/api/page": "new\n" });
  await shop.must("build child");
  expect(await changed()).toEqual(["api-one", "child-one"]);
  await shop.must("run all");
  expect(await shop.must(["shell", "api", "command=cat /files/page"])).toBe("new");
  expect(await changed()).toEqual([]);
});

test("a job that was built again runs again", async () => {
  await shop.write({ "services/migrate/step": "2\n" });
  await shop.must("build migrate");
  expect(await changed()).toEqual(["migrate-one"]);
  await shop.must("run all");
  expect(await changed()).toEqual([]);
});

test("a newer version of Reyns replaces nothing, and an edit after it does", async () => {
  for (const assets of ["two", "three"]) {
    await makeBase(assets);
    await shop.must("build all");
    expect(await changed()).toEqual([]);
  }
  expect((await shop.reyns("ps")).stderr).not.toContain("older image");
  await shop.write({ "services/api/page": "newer\n" });
  await shop.must("build child");
  expect(await changed()).toEqual(["api-one", "child-one"]);
  expect((await shop.reyns("ps")).stderr).toContain("older image");
});

test("an edit that is built together with a newer version of Reyns counts", async () => {
  await shop.must("run all");
  await makeBase("four");
  await shop.write({ "services/migrate/step": "3\n" });
  await shop.must("build all");
  expect(await changed()).toEqual(["migrate-one"]);
});
