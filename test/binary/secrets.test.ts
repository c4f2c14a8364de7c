import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { must, run, temporaryFolder, until } from "../engine/support/images-container.ts";
import { commitContainer } from "../support/engine-api.ts";
import { containerIds, execIn } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

const password = 'pass-4711 it\'s "so" $HOME $(id) `id`\nsecond line\n';
const token = "token-0815";
const env = { DB_PASSWORD: password, API_TOKEN: token };

const sleeping = 'command: ["sleep", "infinity"], init: true';

let shop: Project;

beforeAll(async () => {
  shop = await createProject({
    "services/web/Dockerfile": "FROM reyns/reyns-base\nCOPY prestartup_web.sh /prestartup/\n",
    "services/web/prestartup_web.sh":
      '#!/bin/bash\nprintf %s "$DB_PASSWORD" | md5sum > /tmp/seen\n',
    "services/bare/Dockerfile": `FROM debian:bookworm-slim AS full
RUN mkdir -p /bare/lib64 /bare/bin /bare/lib/x86_64-linux-gnu \\
 && cp /lib64/ld-linux-x86-64.so.2 /bare/lib64/ && cp /lib/x86_64-linux-gnu/libc.so.6 /bare/lib/x86_64-linux-gnu/ \\
 && cp /bin/sleep /bin/cat /bare/bin/
FROM scratch
COPY --from=full /bare /
CMD ["/bin/sleep", "1000"]
`,
    "reyns.ts": `import { project, ready, required, service } from "reyns";
project("secrets");
const env = { DB_PASSWORD: required({ secret: true }), API_TOKEN: null, PLAIN: "seen by all" };
service("web", { instance: "one", env });
service("db", { instance: "one", image: "debian:bookworm-slim", env, ${sleeping},
  readOnly: true, tmpfs: ["/run"], ready: ready.command('test "$API_TOKEN" = ${token}'),
  healthcheck: { test: 'test "$API_TOKEN" = ${token}', interval: "2s", retries: 1 } });
service("user", { instance: "one", image: "debian:bookworm-slim", env, ${sleeping}, user: "1234",
  ready: ready.healthy(), healthcheck: { test: ["CMD", "sh", "-c", 'test "$(printenv API_TOKEN)"'], interval: "1s" } });
service("bare", { instance: "one", env, init: true });
`,
  });
  await shop.must("run web one", { env });
}, 300_000);

afterAll(() => shop?.[Symbol.asyncDispose]());

const digestOf = (text: string): string => new Bun.CryptoHasher("md5").update(text).digest("hex");

/** What would give a secret away, also inside a JSON text. */
const traces = ["pass-4711", "second line", token];

function expectNoTrace(text: string): void {
  expect(traces.filter((trace) => text.includes(trace))).toEqual([]);
}

async function inspected(instance?: string): Promise<string> {
  const ids = await containerIds(shop.folder, instance);
  return must("docker", "inspect", ...ids);
}

/** The environment of a service's own process, as the kernel has it. */
async function processEnvironment(service: string): Promise<Record<string, string>> {
  const label = `label=io.reyns.service=${service}`;
  const folder = `label=io.reyns.folder=${shop.folder}`;
  const id = await must("docker", "ps", "-q", "--filter", label, "--filter", folder);
  const { stdout } = await run(["docker", "exec", "-u", "0", id, "cat", "/proc/1/environ"]);
  const lines = stdout.split("\0").filter(Boolean);
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

test("every process in one of our images has the secrets, also after a restart", async () => {
  const look = async (): Promise<void> => {
    expect(await processEnvironment("web")).toMatchObject({ ...env, PLAIN: "seen by all" });
    for (const command of ["ssh", "shell"]) {
      const words = [command, "web", "one", "json", 'command=bash -c "printenv -0"'];
      const { stdout } = JSON.parse(await shop.must(words)) as { stdout: string };
      expect(stdout.split("\0")).toContain(`DB_PASSWORD=${password}`);
    }
    expect(await execIn(shop.folder, "one", "cat", "/tmp/seen")).toContain(digestOf(password));
  };
  await look();
  const [id = ""] = await containerIds(shop.folder, "one");
  await execIn(shop.folder, "one", "rm", "/tmp/seen");
  await must("docker", "restart", id);
  await until("the script again", async () =>
    (await run(["docker", "exec", id, "cat", "/tmp/seen"])).stdout.includes(digestOf(password)),
  );
  // Its SSH server starts after its scripts.
  await until("a login", async () => (await shop.reyns("ssh web one command=true")).status === 0);
  await look();
  await shop.must("stop web one");
  await shop.must("start web one");
  await look();
});

test("neither the Engine nor any report has the secrets", async () => {
  expectNoTrace(await inspected());
  const debug = { env: { ...env, LOG_LEVEL: "DEBUG" } };
  for (const line of [
    "info web one",
    "info web one --json",
    "run web one",
    "ps --json",
    "logs web",
  ]) {
    const { stdout, stderr } = await shop.reyns(line, debug);
    expectNoTrace(stdout + stderr);
  }
  const info = await shop.json("info web one");
  const masked = { DB_PASSWORD: "********", API_TOKEN: "********", PLAIN: "seen by all" };
  expect(info).toMatchObject({ environment: masked });
});

test("an image committed from the container has no secrets", async () => {
  await using folder = await temporaryFolder();
  const [id = ""] = await containerIds(shop.folder, "one");
  const image = await commitContainer(id);
  const tar = join(folder.path, "image.tar");
  try {
    await must("docker", "save", "-o", tar, image);
    // The layers of a saved image are plain tars.
    for (const trace of [token, "pass-4711"])
      expect(await run(["grep", "-c", "--text", trace, tar])).toMatchObject({ stdout: "0\n" });
  } finally {
    await must("docker", "rmi", image);
  }
});

test("a changed secret is named without its value, by run and by plan", async () => {
  const changed = { env: { ...env, API_TOKEN: "another-one" } };
  for (const line of ["run web one keep=true", "plan web one"]) {
    const { stdout, stderr } = await shop.reyns(line, changed);
    expect(stdout + stderr).toContain("env API_TOKEN");
    expect(stdout + stderr).not.toContain("env DB_PASSWORD");
    expect(stdout + stderr).not.toContain("another-one");
  }
});

test("ready images have the secrets: read-only ones, those of another user, and health checks", async () => {
  await shop.must("run db one", { env });
  await shop.must("run user one", { env });
  for (const service of ["db", "user"]) {
    const { stdout } = (await shop.json(`shell ${service} one command=printenv`)) as {
      stdout: string;
    };
    expect(stdout).toContain(`DB_PASSWORD=${password}`);
  }
  expect(await shop.json("ps")).toContainEqual(
    expect.objectContaining({ service: "user", health: "healthy" }),
  );
  // The checks of the definition contain it, also in the label that records them: JSON within JSON.
  const checks = new RegExp(String.raw`\\+"\$API_TOKEN\\+" = ${token}`, "g");
  expectNoTrace((await inspected()).replaceAll(checks, ""));
}, 300_000);

test("run warns that an image without a shell gets its secrets as files", async () => {
  const { status, stderr } = await shop.reyns("run bare one", { env });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stderr).toContain(
    "warning bare-one: its image has no /bin/sh, so DB_PASSWORD, API_TOKEN are",
  );
  const cat = ["/bin/cat", "/run/secrets/DB_PASSWORD"];
  const folder = `label=io.reyns.folder=${shop.folder}`;
  const bare = ["--filter", folder, "--filter", "label=io.reyns.service=bare"];
  const id = await must("docker", "ps", "-q", ...bare);
  expect(await run(["docker", "exec", id, ...cat])).toMatchObject({ stdout: password });
});

test("clean leaves nothing of the secrets", async () => {
  const volumes = (JSON.parse(await inspected()) as { Mounts: { Type: string; Name: string }[] }[])
    .flatMap(({ Mounts }) => Mounts)
    .flatMap(({ Type, Name }) => (Type === "volume" ? Name : []));
  expect(volumes.length).toBeGreaterThan(0);
  await shop.must("clean all force=True");
  const left = (await must("docker", "volume", "ls", "--quiet")).split("\n");
  expect(left.filter((name) => volumes.includes(name))).toEqual([]);
});

test("run refuses a secret's name that no shell could set, before anything starts", async () => {
  await shop.write({
    "reyns.ts": `import { required, service } from "reyns";
service("db", { instance: "one", image: "debian:bookworm-slim", env: { "a.b": required({ secret: true }) } });
`,
  });
  const { status, stderr } = await shop.reyns("run db one", { env: { "a.b": "hidden-value" } });
  expect(stderr).toContain('"a.b" is no name for a secret');
  expectNoTrace(stderr);
  expect(status).toBe(2);
});
