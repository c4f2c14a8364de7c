// A mounted path that does not exist is found before anything is stopped.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { run } from "../engine/support/images-container.ts";
import { inspectAll } from "./support/engine.ts";
import { createProject, listOwned, type Project } from "./support/project.ts";
import { installation } from "./support/reyns.ts";

setDefaultTimeout(240_000);

let shop: Project;

const mounting = (...volumes: string[]): Promise<void> =>
  shop.write({
    "reyns.ts": `import { project, service } from "reyns";
project("mounts");
service("web", { image: "debian:bookworm-slim", init: true, command: ["sleep", "600"],
  volumes: ${JSON.stringify(volumes)} });
`,
  });

beforeAll(async () => {
  shop = await createProject({ "config/a": "1\n" });
  await mounting("./config:/etc/config:ro");
  await shop.must("run all");
});
afterAll(() => shop?.[Symbol.asyncDispose]());

test("plan and run report missing paths at their places, and what runs goes on", async () => {
  const before = (await inspectAll(shop.folder)).get("web-one");
  await mounting("./confg:/etc/confg:ro", "./config:/a:ro", "./site/web.json:/etc/web.json");
  for (const line of ["plan", "run all"]) {
    const { status, stderr } = await shop.reyns(line);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /reyns\.ts:4:13\b[^]*web-one: \.\/confg, mounted at \/etc\/confg, does not exist\n/,
    );
    expect(stderr).toContain('did you mean "./config"?');
    expect(stderr).toMatch(
      /reyns\.ts:4:\d+\b[^]*web-one: \.\/site\/web\.json, mounted at \/etc\/web\.json, does not exist\n/,
    );
    expect(stderr).not.toContain("mounted at /a,");
  }
  const after = (await inspectAll(shop.folder)).get("web-one");
  expect(after?.Id).toBe(before?.Id ?? "none");
  expect(after?.State.StartedAt).toBe(before?.State.StartedAt ?? "none");
  expect(existsSync(join(shop.folder, "site"))).toBe(false);
});

test("plan and run report a missing path outside of the project before anything is made", async () => {
  await using fresh = await createProject({
    "reyns.ts": `import { project, service } from "reyns";
project("outside");
service("web", { image: "debian:bookworm-slim", command: ["sleep", "600"], volumes: ["/abs/none:/y"] });
`,
  });
  for (const line of ["plan", "run all"]) {
    const { status, stderr } = await fresh.reyns(line);
    expect(stderr).toMatch(
      /reyns\.ts:3:\d+\b[^]*web-one: \/abs\/none, mounted at \/y, does not exist\n/,
    );
    expect(status).toBe(2);
  }
  expect(await listOwned(fresh.folder)).toEqual([]);
});

test("in a container that shares the host's name, plan reports no path that only the Engine's machine has", async () => {
  const { executable } = await installation();
  await using outside = await createProject({ "data/a": "1\n" }, { offline: true });
  await using inner = await createProject(
    {
      "reyns.ts": `import { project, service } from "reyns";
project("inner");
service("web", { image: "debian:bookworm-slim", command: ["sleep", "600"], volumes: ["${outside.folder}/data:/y"] });
`,
    },
    { offline: true },
  );
  const socket = "/var/run/docker.sock";
  const mounts = [`${executable}:/usr/bin/reyns:ro`, `${socket}:${socket}`].concat(
    `${inner.folder}:${inner.folder}`,
  );
  const words = ["docker", "run", "--rm", "--net=host", "--uts=host", "-w", inner.folder].concat(
    mounts.flatMap((mount) => ["-v", mount]),
  );
  // An image may have a folder where the Engine has its own.
  for (const flags of [[], ["--tmpfs", "/var/lib/docker"]]) {
    const image = ["debian:bookworm-slim", "reyns", "plan"];
    const { status, stdout, stderr } = await run([...words, ...flags, ...image]);
    expect(stderr).not.toContain("does not exist");
    expect(stdout).toContain("create  web-one");
    expect(status).toBe(0);
  }
});

test("a missing folder of a writable mount is created, and plan and run say so", async () => {
  await mounting("./logs:/logs", "./conf.d:/etc/conf.d");
  const notes = ["new folder: ./logs, mounted at /logs by web-one", "new folder: ./conf.d, "];
  const planned = await shop.reyns("plan");
  for (const note of notes) expect(planned.stderr).toContain(note);
  expect(existsSync(join(shop.folder, "logs"))).toBe(false);
  const { status, stderr } = await shop.reyns("run all");
  for (const note of notes) expect(stderr).toContain(note);
  expect(status).toBe(0);
  expect(existsSync(join(shop.folder, "logs"))).toBe(true);
  expect((await shop.reyns("plan")).stderr).toBe("");
});
