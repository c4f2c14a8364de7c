// reyns run SERVICE -- COMMAND: a fresh container of the service, attached to the caller and removed at its end.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must, until } from "../engine/support/images-container.ts";
import { containerIds } from "./support/engine.ts";
import { createProject, listOwned, type Project } from "./support/project.ts";
import { call, installation, withoutProgress } from "./support/reyns.ts";

setDefaultTimeout(240_000);

let shop: Project;
/** The containers and the network that run besides. */
let before: string[] = [];

beforeAll(async () => {
  shop = await createProject({
    "reyns.ts": `import { project, ready, service } from "reyns";
project("fresh");
const settings = { image: "debian:bookworm-slim", init: true, command: ["sleep", "600"], ready: ready.file("/etc/hostname") };
const db = service("db", settings);
service("web", { ...settings, links: db, env: { MODE: "web" }, ports: ["127.0.0.1:28433:80"], workingDir: "/srv", restart: "always" });
`,
  });
  await shop.must("run db");
  before = await listOwned(shop.folder);
});
afterAll(() => shop?.[Symbol.asyncDispose]());

/** The Engine removes it some time after its end. */
const expectNothingLeft = async (): Promise<void> =>
  void (await until("the container is removed", async () =>
    Bun.deepEquals((await listOwned(shop.folder)).toSorted(), before.toSorted()),
  ));

test("it has the service's variables, links and folder, and is removed", async () => {
  const script = "echo $MODE; pwd; getent hosts db; cat";
  const words = ["run", "web", "--", "sh", "-c", script];
  const { status, stdout, stderr } = await shop.reyns(words, { stdin: "from standard input" });
  expect(stdout).toMatch(/^web\n\/srv\n10\.[\d.]+ .*\nfrom standard input$/);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "up to date: db-one\n" });
  await expectNothingLeft();
});

test("bytes pass through its pipes unchanged, and its two outputs stay apart", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  const { executable, env } = await installation();
  const words = ["run", "web", "deps=false", "--", "sh", "-c", "cat; echo to the other >&2"];
  const child = Bun.spawn([executable, ...words], {
    cwd: shop.folder,
    env: { ...env },
    stdin: bytes,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.bytes(), child.stderr.text()]);
  expect(Buffer.from(out).equals(bytes)).toBe(true);
  expect(withoutProgress(err)).toBe("to the other\n");
  expect(await child.exited).toBe(0);
  await expectNothingLeft();
});

test("the call ends with its exit status", async () => {
  for (const [status, command] of [
    [0, "true"],
    [1, "false"],
    [7, "exit 7"],
  ] as const) {
    const words = ["run", "web", "deps=false", "--", "sh", "-c", command];
    expect(await shop.reyns(words)).toMatchObject({ status });
  }
  await expectNothingLeft();
});

test("user=, workdir= and env= apply to it alone", async () => {
  const script = "id -un; pwd; echo $MODE";
  const options = ["deps=false", "user=nobody", "workdir=/tmp", "env=MODE=once"];
  const words = ["run", "web", ...options, "--", "sh", "-c", script];
  expect(await shop.must(words)).toBe("nobody\n/tmp\nonce");
  expect((await shop.reyns("run web user=nobody")).status).toBe(2);
});

test("it publishes the ports of the service only with ports=true", async () => {
  const words = (option: string) => ["run", "web", option, "--", "sleep", "60"];
  for (const [option, published] of [
    ["deps=false", ""],
    ["ports=true", "28433"],
  ] as const) {
    const going = await call(shop.folder, words(option));
    await until("its start", async () => (await containersOfWeb()).length > 0);
    const [id = ""] = await containersOfWeb();
    expect(await must("docker", "port", id)).toContain(published);
    if (published === "") expect(await must("docker", "port", id)).toBe("");
    going.interrupt();
    await going.output;
    await expectNothingLeft();
  }
});

async function containersOfWeb(): Promise<string[]> {
  const words = [
    "--filter",
    `label=io.reyns.folder=${shop.folder}`,
    "--filter",
    "label=io.reyns.service=web",
  ];
  return (await must("docker", "ps", "-q", ...words)).split("\n").filter(Boolean);
}

test("run and ps do not count it among the instances, and prune=true leaves it alone", async () => {
  const going = await call(shop.folder, ["run", "web", "deps=false", "--", "sleep", "60"]);
  await until("its start", async () => (await containersOfWeb()).length > 0);
  const run = await shop.reyns("run db prune=true wait=5");
  expect({ status: run.status, stderr: run.stderr }).toEqual({
    status: 0,
    stderr: "up to date: db-one\n",
  });
  expect(await containersOfWeb()).toHaveLength(1);
  going.kill("SIGKILL");
  await going.output;
  // The container of a killed call is there until the next run.
  expect((await containerIds(shop.folder)).length).toBeLessThanOrEqual(2);
});
