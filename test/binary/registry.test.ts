// Images from a registry and to it: pull, push, pullPolicy, with and without a password.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { must, run } from "../engine/support/images-container.ts";
import { createProject, type Project } from "./support/project.ts";
import { startRegistry, type TestRegistry } from "./support/registry.ts";

setDefaultTimeout(240_000);

let open: TestRegistry;
let closed: TestRegistry;
const made = new Set<string>();

beforeAll(async () => {
  open = await startRegistry();
  closed = await startRegistry({ login: ["ann", "secret"] });
});
afterAll(async () => {
  for (const name of made) await run(["docker", "rmi", "--force", name]);
  await open?.[Symbol.asyncDispose]();
  await closed?.[Symbol.asyncDispose]();
});

/** Files with `docker login`'s credentials. */
function loginTo(address: string, password = "secret"): Readonly<Record<string, string>> {
  const auth = Buffer.from(`ann:${password}`).toString("base64");
  return { "docker/config.json": JSON.stringify({ auths: { [address]: { auth } } }) };
}

/** A project that builds an image and pushes it under a name. */
async function builder(name: string): Promise<Project> {
  made.add(name);
  return createProject({
    "reyns.ts": `import { project, service } from "reyns";
project("maker");
service("app", { build: "./app", image: "${name}", autorun: false });
service("other", { image: "debian:bookworm-slim", autorun: false });
`,
    "app/Dockerfile": "FROM debian:bookworm-slim\nCOPY version /version\n",
    "app/version": "1",
    ...loginTo(name.split("/")[0] ?? ""),
  });
}

/** Builds a version of the image and pushes it, and leaves nothing of it here. */
async function publish(maker: Project, name: string, version: string): Promise<string> {
  await maker.write({ "app/version": version });
  await maker.must("build app");
  const env = { DOCKER_CONFIG: `${maker.folder}/docker` };
  const pushed = await maker.reyns("push app", { env });
  expect(pushed.status).toBe(0);
  return must("docker", "image", "inspect", "--format", "{{.Id}}", name);
}

function user(name: string, more = ""): Promise<Project> {
  return createProject({
    "reyns.ts": `import { project, ready, service } from "reyns";
project("user");
service("app", { image: "${name}", command: ["sleep", "600"], init: true, ready: ready.started()${more} });
`,
    ...loginTo(name.split("/")[0] ?? ""),
  });
}

test("what is pushed is pulled elsewhere; a newer one is told, and the next run replaces the instance", async () => {
  const name = `${open.address}/shop/app:1`;
  await using maker = await builder(name);
  await publish(maker, name, "1");
  await must("docker", "rmi", name);
  await using shop = await user(name);
  await shop.must("run all");
  const version = (): Promise<string> => shop.must("shell app -- cat /version");
  expect(await version()).toBe("1");
  const same = await shop.reyns("pull all");
  expect(same.stdout).toContain("as before");
  expect(same.stderr).toMatch(/app:1 up to date/);
  const second = await publish(maker, name, "2");
  await must("docker", "rmi", name);
  const [pulled] = (await shop.json("pull app")) as { newer: boolean; id: string }[];
  expect(pulled).toMatchObject({ newer: true, id: second });
  expect((await shop.reyns("ps")).stderr).toContain(
    `with an older image than there is now: app-one (${name}); replace them: reyns run all`,
  );
  expect(await shop.json("ps")).toMatchObject([
    { problems: [{ code: "image", remedy: "reyns run all" }] },
  ]);
  expect(await shop.must("plan")).toContain("newer image");
  expect(await version()).toBe("1");
  await shop.must("run all");
  expect(await version()).toBe("2");
  expect((await shop.reyns("ps")).stderr).toBe("");
});

test("a registry with a password takes and gives images with the credentials of docker login alone", async () => {
  const name = `${closed.address}/shop/app:1`;
  await using maker = await builder(name);
  await maker.must("build app");
  const refused = await maker.reyns("push app");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain(`cannot push the image ${name}`);
  expect(refused.stderr).toContain("docker login");
  await using wrong = await createProject(loginTo(closed.address, "wrong"), { offline: true });
  const env = { DOCKER_CONFIG: `${wrong.folder}/docker` };
  expect(await maker.reyns("push app", { env })).toMatchObject({ status: 1 });
  await publish(maker, name, "1");
  await must("docker", "rmi", name);
  await using shop = await user(name);
  expect(await shop.reyns("pull all")).toMatchObject({ status: 1 });
  const own = { DOCKER_CONFIG: `${shop.folder}/docker` };
  const { status, stdout, stderr } = await shop.reyns("pull all", { env: own });
  expect({ status, isNewer: stdout.includes("newer") }).toEqual({ status: 0, isNewer: true });
  expect(stdout + stderr).not.toContain("secret");
});

test("pullPolicy: always pulls at each run, never does not at all, and planning pulls nothing", async () => {
  const name = `${open.address}/shop/policy:1`;
  await using maker = await builder(name);
  await publish(maker, name, "1");
  await using shop = await user(name, ', pullPolicy: "always"');
  await shop.must("run all");
  await publish(maker, name, "2");
  await must("docker", "rmi", name);
  const planned = await shop.reyns("plan");
  expect(planned.stderr).toContain(`run pulls first, and then decides: ${name}\n`);
  expect((await run(["docker", "image", "inspect", name])).status).not.toBe(0);
  await shop.must("run all");
  expect(await shop.must("shell app -- cat /version")).toBe("2");
  await shop.must("clean all force");
  await must("docker", "rmi", name);
  await using without = await user(name, ', pullPolicy: "never"');
  const { status, stderr } = await without.reyns("run all");
  expect({ status, says: stderr.includes("is not on this Engine, and the pullPolicy") }).toEqual({
    status: 1,
    says: true,
  });
});

test("pullPolicy: build builds what has changed at each run", async () => {
  await using shop = await createProject({
    "reyns.ts": `import { project, ready, service } from "reyns";
project("built");
service("app", { build: "./app", command: ["sleep", "600"], init: true, ready: ready.started(), pullPolicy: "build" });
`,
    "app/Dockerfile": "FROM debian:bookworm-slim\nCOPY version /version\n",
    "app/version": "1",
  });
  await shop.must("run all");
  await shop.write({ "app/version": "2" });
  await shop.must("run all");
  expect(await shop.must("shell app -- cat /version")).toBe("2");
});

test("push names what has no name to push, and what is not built; pull what is built here", async () => {
  const name = `${open.address}/shop/none:1`;
  await using maker = await builder(name);
  expect((await maker.reyns("push app")).stderr).toBe(
    `error not built yet: ${name}\n      build it first: reyns build app\n`,
  );
  expect((await maker.reyns("pull app")).stderr).toContain(
    "app-one is built here: reyns build app\n",
  );
});
