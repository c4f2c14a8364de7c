import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { must, type Output, temporaryFolder } from "../engine/support/images-container.ts";
import { execInContainer } from "../support/engine-exec.ts";
import { canCutOff, misled } from "./support/cut-off.ts";
import { inspectAll } from "./support/engine.ts";
import { listenerCommand } from "./support/listener.ts";
import { createProject, type Project } from "./support/project.ts";
import { caseDefinitions, cases, healthy, image } from "./support/ready-cases.ts";

setDefaultTimeout(240_000);

let shop: Project;

beforeAll(async () => {
  await using folder = await temporaryFolder();
  await Bun.write(
    `${folder.path}/Dockerfile`,
    `FROM ${image}\nHEALTHCHECK --interval=0.2s CMD test -e /listening || { echo first; echo nobody listens; exit 1; }\n`,
  );
  await must("env", "DOCKER_BUILDKIT=0", "docker", "build", "-q", "-t", healthy, folder.path);
  shop = await createProject({
    "reyns.ts": `import { project, ready, service } from "reyns";\nproject("shop");\n${caseDefinitions().join("\n")}\n`,
  });
}, 300_000);

afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  await must("docker", "rmi", healthy);
});

describe("run returns when ready images are ready", () => {
  let instances: Awaited<ReturnType<typeof inspectAll>>;

  beforeAll(async () => {
    await shop.must("run * good timeout=120");
    instances = await inspectAll(shop.folder);
  }, 300_000);

  afterAll(() => shop.must("clean * force"));

  for (const { name } of cases) {
    test(name, async () => {
      const id = instances.get(`${name}-good`)?.Id ?? "none";
      expect(await execInContainer(id, ["test", "-e", "/listening"])).toMatchObject({ status: 0 });
    });
  }
});

describe("run fails at the timeout, with the unmet condition and the last lines", () => {
  let failed: Output;

  beforeAll(async () => {
    failed = await shop.reyns("run * bad timeout=10");
  }, 300_000);

  for (const { name, unready } of cases) {
    test(name, () => {
      const { stderr } = failed;
      // Whether the Engine has used up the retries of its health check by then is a matter of time.
      expect(stderr.replaceAll("it is unhealthy, ", "")).toContain(
        `error ${name}-bad: not ready after 10 s, ${unready}\n` +
          "      | first line\n      | second line\n",
      );
      expect(stderr).toContain(`${name}-bad is still running`);
    });
  }

  test("the status is 1, and all of them run on", async () => {
    expect(failed).toMatchObject({ status: 1, stdout: "" });
    expect(await shop.json("ps")).toHaveLength(cases.length);
    await shop.must("clean * force");
  });

  test("a health check that has used up its retries is called unhealthy", async () => {
    const { status, stderr } = await shop.reyns("run healthy bad timeout=15");
    expect(stderr).toContain(
      "error healthy-bad: not ready after 15 s, it is unhealthy, its health check does not pass: nobody listens\n",
    );
    expect(stderr).toContain("fix what that reports");
    expect(stderr).not.toContain("allow more time");
    expect(status).toBe(1);
    await shop.must("clean healthy bad");
  });

  test("the next run, of an instance that is not ready yet", async () => {
    await shop.reyns("run tcp bad timeout=1");
    const { status, stderr } = await shop.reyns("run tcp bad timeout=1");
    expect(stderr).not.toContain("up to date");
    expect(stderr).toContain(
      "error tcp-bad: not ready after 1 s, port 8000 does not accept connections",
    );
    expect(status).toBe(1);
    await shop.must("clean tcp bad");
  });
});

describe.skipIf(!canCutOff)(
  "where this host has no way to containers, ports are looked at from inside",
  () => {
    const elsewhere = { inside: misled, env: { PATH: process.env["PATH"] ?? "" } };
    for (const name of ["tcp", "http"]) {
      test(name, async () => {
        const bad = await shop.reyns(`run ${name} bad timeout=1`, elsewhere);
        const { unready = "" } = cases.find((one) => one.name === name) ?? {};
        expect(bad.stderr).toContain(`error ${name}-bad: not ready after 1 s, ${unready}\n`);
        await shop.must(`run ${name} good timeout=120`, elsewhere);
        await shop.must(`clean ${name}* force=true`);
      });
    }
  },
);

test("run reports an image that exits at once with its status and last lines", async () => {
  await shop.write({
    "reyns.ts": `import { project, ready, service } from "reyns";
project("shop");
service("short", { instance: "one", image: "${image}", command: "echo no such thing; exit 6", ready: ready.tcp(1) });
`,
  });
  const { status, stderr } = await shop.reyns("run short one");
  expect(stderr).toContain("error short-one: exited right after starting (status 6)\n");
  expect(stderr).toContain("      | no such thing\n");
  expect(status).toBe(1);
  await shop.must("clean short one");
});

test("of two ports one does not accept: the way out is named", async () => {
  await shop.write({
    "reyns.ts": `import { project, service } from "reyns";
project("shop");
service("pair", { image: "${image}", init: true, command: ${JSON.stringify(listenerCommand({ port: 8000, after: 0 }))}, ports: ["127.77.0.2:8000:8000", "127.77.0.2:8001:8001"] });
`,
  });
  const { status, stderr } = await shop.reyns("run pair timeout=3");
  expect(stderr).toContain(
    "not ready after 3 s, not all of the ports 8000, 8001 accept connections\n",
  );
  expect(stderr).toContain(
    "if only one of the ports has to accept, say so in reyns.ts: ready: ready.tcp(8000)\n",
  );
  expect(status).toBe(1);
  await shop.must("clean pair force=true");
});

test("run waits for an instance that is unhealthy first and healthy later", async () => {
  const counts = "echo x >> /checks; test $(wc -l < /checks) -gt 6";
  await shop.write({
    "reyns.ts": `import { project, service } from "reyns";
project("shop");
service("late", { image: "${image}", init: true, command: ["sleep", "600"],
  healthcheck: { test: ["CMD-SHELL", "${counts}"], interval: "300ms", retries: 1 } });
`,
  });
  // As they come: an Engine remembers only the last 256 events, those of other tests too.
  const filters = [`label=io.reyns.folder=${shop.folder}`, "event=health_status"];
  const words = filters.flatMap((filter) => ["--filter", filter]);
  const since = String(Date.now() / 1000);
  const events = Bun.spawn(
    ["docker", "events", "--since", since, ...words, "--format", "{{.Action}}"],
    { stdout: "pipe" },
  );
  await shop.must("run late");
  const seen: string[] = [];
  for await (const text of events.stdout.pipeThrough(new TextDecoderStream())) {
    seen.push(
      ...text
        .split("\n")
        .filter(Boolean)
        .map((line) => line.trim()),
    );
    if (seen.length > 1) break;
  }
  events.kill();
  await events.exited;
  expect(seen).toEqual(["health_status: unhealthy", "health_status: healthy"]);
  expect(await shop.json("ps late")).toMatchObject([{ health: "healthy" }]);
  await shop.must("clean late force=true");
});

test("an instance starts when its dependency is ready", async () => {
  const [slow, quick] = [0.5, 0].map((after) => listenerCommand({ port: 8000, after }));
  await shop.write({
    "reyns.ts": `import { project, ready, service } from "reyns";
project("shop");
const db = service("db", { instance: "one", image: "${image}", command: ${JSON.stringify(slow)}, ready: ready.tcp(8000) });
service("web", { instance: "one", image: "${image}", command: ${JSON.stringify(quick)}, after: [db] });
`,
  });
  const { stderr } = await shop.reyns("run all");
  expect(stderr.indexOf("db-one ready")).toBeLessThan(stderr.indexOf("web-one ready"));
  const instances = await inspectAll(shop.folder);
  const idOf = (host: string): string => instances.get(host)?.Id ?? "none";
  const started = await must("docker", "inspect", "-f", "{{.State.StartedAt}}", idOf("web-one"));
  const logs = await must("docker", "logs", "--timestamps", idOf("db-one"));
  const [, ready = ""] = /^(\S+) listening on 8000$/m.exec(logs) ?? [];
  expect(Date.parse(started)).toBeGreaterThan(Date.parse(ready));
});
