import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { must } from "../engine/support/images-container.ts";
import { detailsOf } from "./support/containers.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { openTerminal } from "./support/terminal.ts";

setDefaultTimeout(240_000);

let shop: Project;

beforeAll(async () => {
  shop = await createProject({
    "services/app/Dockerfile": "FROM reyns/reyns-base\n",
    "services/other/Dockerfile": "FROM reyns/reyns-base\n",
    "default.conf": `[
      { "service": "app", "instance": "one", "group": "left", "persistent_data": true },
      { "service": "app", "instance": "two", "group": "right" },
    ]`,
    "small.conf": `[ { "service": "app", "instance": "two" } ]`,
  });
  await shop.must("build all");
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

beforeEach(async () => {
  await shop.must("run all yes=True parallel=true");
});

const there = async (): Promise<string[]> =>
  ((await shop.json("ps all")) as { hostname: string }[]).map((one) => one.hostname).toSorted();

test("clean takes a group, an instance or a pattern, and asks before it takes several instances of a service", async () => {
  await shop.must("clean:group=right");
  expect(await there()).toEqual(["app-one"]);
  await shop.must("run app two");
  const { status, stderr } = await shop.reyns("clean:app");
  expect(status).toBe(2);
  expect(stderr).toContain("Stop and remove these 2 instances?");
  expect(stderr).toContain("add yes=true");
  expect(await there()).toEqual(["app-one", "app-two"]);
  await shop.must("clean:app,instance=two");
  expect(await there()).toEqual(["app-one"]);
  await shop.must("clean app* force=True");
  expect(await there()).toEqual([]);
});

test("clean strict=True keeps what the conf does not name", async () => {
  await shop.must("run other x");
  await shop.must("clean all strict=True force=True");
  expect(await there()).toEqual(["other-x"]);
  await shop.must("clean other x");
});

test("clean without force fails without a terminal, and removes nothing", async () => {
  const { status, stderr } = await shop.reyns("clean all");
  expect(status).toBe(2);
  expect(stderr).toContain("add yes=true");
  expect(await there()).toEqual(["app-one", "app-two"]);
});

test("clean lists the instances on a terminal and asks before it removes them", async () => {
  await using terminal = await openTerminal({ folder: shop.folder });
  await terminal.type("reyns clean:all");
  const screen = await terminal.see("Stop and remove these 2 instances?");
  expect(screen).toMatch(/app +one[^]*app +two[^]*Stop and remove/);
  await terminal.press("n");
  await terminal.see(/\n\[130\]\$$/);
  expect(await there()).toEqual(["app-one", "app-two"]);
  await terminal.type("reyns clean:all");
  await terminal.see(/remove these[^]*remove these/);
  await terminal.press("y");
  await terminal.see(/\n\[0\]\$$/);
  expect(await there()).toEqual([]);
});

test("clean and rerun use the conf of the last run, and ask before they use another", async () => {
  await shop.must("clean all force=True");
  await shop.must("run all conf=small");
  expect(await hostConf()).toMatchObject({ last_conf: "small" });
  await shop.must("rerun app two");
  await shop.must("rerun app two conf=small.conf");
  expect(await confOf("two")).toBe("small");
  const refused = await shop.reyns("rerun app two conf=default");
  expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining("yes=true")]);
  expect(await confOf("two")).toBe("small");
  await shop.must("rerun app two conf=default yes=True");
  expect(await confOf("two")).toBe("default");

  const other = await shop.reyns("clean all strict=True conf=small");
  expect([other.status, other.stderr]).toEqual([2, expect.stringContaining('"default"')]);
  expect(await there()).toEqual(["app-two"]);
  await shop.must("run app one yes=True");
  await shop.must("clean all strict=True conf=small force=True");
  expect(await there()).toEqual(["app-one"]);
  await shop.must("clean all force=True");
  await rm(join(shop.folder, "host.conf"), { force: true });
});

const confOf = async (instance: string): Promise<string | undefined> =>
  (await detailsOf(shop.folder, instance)).Config.Labels["io.reyns.conf"];

const hostConf = async (): Promise<unknown> =>
  JSON.parse(await readFile(join(shop.folder, "host.conf"), "utf8"));

test("clean keeps persistent data", async () => {
  const data = join(shop.folder, `data_${basename(shop.folder).toLowerCase()}`, "app-one/data");
  await Bun.write(join(data, "kept"), "yes");
  await shop.must("clean all force=True");
  expect(await containerIds(shop.folder)).toEqual([]);
  expect(await readFile(join(data, "kept"), "utf8")).toBe("yes");
  expect(existsSync(join(shop.folder, ".reyns/keys/id_ed25519"))).toBe(true);
});

test("clean reallyall lists every container of the Engine, and removes nothing without an answer", async () => {
  await shop.must("clean all force=True");
  const label = `io.test=${shop.folder}`;
  const id = await must("docker", "create", "--label", label, "debian:bookworm-slim", "true");
  try {
    const { status, stdout, stderr } = await shop.reyns("clean reallyall");
    expect(status).toBe(2);
    expect(stdout).toContain(id.slice(0, 12));
    expect(stderr).toMatch(/Stop and remove all \d+ containers on this Engine/);
    const asJson = await shop.reyns("clean reallyall json");
    expect(JSON.parse(asJson.stdout)).toMatchObject({ error: { code: "ANSWER_NEEDED" } });
    expect(await must("docker", "inspect", "--format", "{{.State.Status}}", id)).toBe("created");
  } finally {
    await must("docker", "rm", id);
  }
});
