import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkKeyDrafts } from "../../src/runtime/doctor/key-drafts.ts";
import { checkLeftovers } from "../../src/runtime/doctor/leftovers.ts";
import type { Finding } from "../../src/runtime/doctor/finding.ts";
import { openEngine } from "../../src/runtime/connect.ts";
import { must, run } from "./support/images-container.ts";

setDefaultTimeout(240_000);

const name = `reyns-doctor-${crypto.randomUUID().slice(0, 8)}`;
const gone = `/nowhere/${name}`;
const engine = await openEngine(process.env);
let folder: string;

beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "reyns-test-"))));

afterAll(async () => {
  const ids = await must("docker", "ps", "-aq", "--filter", `name=${name}`);
  for (const id of ids.split("\n").filter(Boolean)) await run(["docker", "rm", "--force", id]);
  await run(["docker", "network", "rm", name, `${name}-used`]);
  await rm(folder, { recursive: true });
});

/** A container with the labels that Reyns gives its own. */
function create(
  verb: "create" | "run",
  host: string,
  own: Record<string, string>,
  network = "none",
): Promise<string> {
  const labels = { project: "shop", ...own };
  const words = Object.entries(labels).flatMap(([key, value]) => [
    "--label",
    `io.reyns.${key}=${value}`,
  ]);
  const detached = verb === "run" ? ["--detach"] : [];
  const container = ["--name", `${name}-${host}`, "debian:bookworm-slim", "sleep", "600"];
  return must("docker", verb, ...detached, "--network", network, ...words, ...container);
}

/** A network of a project whose folder is gone. */
function createNetwork(called: string): Promise<string> {
  const labels = ["--label", "io.reyns.project=shop", "--label", `io.reyns.folder=${gone}`];
  return must("docker", "network", "create", "--internal", ...labels, called);
}

const locate = (origin: string): string | undefined => (existsSync(origin) ? origin : undefined);

/** What is found of this test, some minutes from now. */
async function found(): Promise<Finding[]> {
  const all = await checkLeftovers(engine, { place: undefined, locate }, Date.now() / 1000 + 600);
  return all.filter(({ message }) => message.includes(name) || message.includes(folder));
}

async function state(host: string): Promise<string> {
  const { status, stdout } = await run([
    ...["docker", "inspect", "--format", "{{.State.Status}}", `${name}-${host}`],
  ]);
  return status === 0 ? stdout.trim() : "gone";
}

test("doctor finds what killed calls have left, and repairs each", async () => {
  await create("create", "db-one", { folder, service: "db", instance: "one" });
  await create("run", "web-one", { folder, service: "web", instance: "one" });
  await create("create", "keeper", { folder, role: "keeper" });
  await createNetwork(name);
  await createNetwork(`${name}-used`);
  await create("run", "old-one", { folder: gone, service: "old", instance: "one" }, `${name}-used`);

  const findings = await found();
  expect(findings.map(({ message, remedy, fix }) => [message, remedy, fix !== undefined])).toEqual([
    [
      `the container ${name}-db-one of ${folder} was created, but never started`,
      `cd ${folder} && reyns clean db one`,
      true,
    ],
    [
      `the folder ${gone} of the project shop is gone, but its containers still exist: ${name}-old-one`,
      `mkdir -p ${gone} && cd ${gone} && PROJECT_NAME=shop PROJECT_DIR=. reyns clean all`,
      false,
    ],
    [
      `${name}-keeper has stopped, so the DNS leases of ${folder} are not renewed`,
      `cd ${folder} && reyns run all`,
      true,
    ],
    [
      `the network ${name} is empty, and its folder ${gone} is gone`,
      `docker network rm ${name}`,
      true,
    ],
  ]);
  const fixed = await Promise.all(findings.flatMap(({ fix }) => (fix ? fix() : [])));
  expect(fixed).toEqual([`${name}-db-one removed`, `${name}-keeper started`, `${name} removed`]);
  expect(await Promise.all(["db-one", "web-one", "keeper", "old-one"].map(state))).toEqual([
    "gone",
    "running",
    "running",
    "running",
  ]);
  expect(await found()).toMatchObject([{ message: expect.stringContaining("old-one") }]);
});

test("a container that is just being created is no leftover", async () => {
  await create("create", "new-one", { folder, service: "new", instance: "one" });
  const now = await checkLeftovers(engine, { place: undefined, locate }, Date.now() / 1000);
  expect(now.filter(({ message }) => message.includes("new-one"))).toEqual([]);
  expect(await found()).toMatchObject([{ message: expect.stringContaining("new-one") }, {}]);
});

test("doctor finds the second container of a killed copy", async () => {
  const source = `reyns-source-${Bun.hash(name).toString(16).padStart(12, "0").slice(0, 12)}`;
  const labels = ["--label", "io.reyns.project=shop", "--label", `io.reyns.folder=${folder}`];
  await must("docker", "create", "--name", source, ...labels, "debian:bookworm-slim", "true");
  const finding = (await found()).find(({ message }) => message.includes(source));
  expect(finding).toMatchObject({ state: "warning", remedy: `docker rm ${source}` });
  expect(await finding?.fix?.()).toBe(`${source} removed`);
});

test("doctor finds keys that were never finished", async () => {
  const [draft, fresh] = ["keys-a1B2c3", "keys-d4E5f6"].map((one) => join(folder, ".reyns", one));
  if (draft === undefined || fresh === undefined) return;
  await mkdir(draft, { recursive: true });
  await mkdir(fresh);
  await utimes(draft, new Date(0), new Date(0));
  const findings = await checkKeyDrafts({ folder }, Date.now() / 1000);
  expect(findings).toMatchObject([
    { message: `${draft}: incomplete keys of a call that was killed` },
  ]);
  expect(await findings[0]?.fix?.()).toBe(`${draft} removed`);
  expect(await checkKeyDrafts({ folder }, Date.now() / 1000)).toEqual([]);
});
