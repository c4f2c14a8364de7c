// A health check of the definition decides about the readiness of what is based on the bundled images, too.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(240_000);

let shop: Project;

const define = (healthcheck: string, more = ""): Promise<void> =>
  shop.write({
    "reyns.ts": `import { project, ready, service } from "reyns";
project("health");
service("web", { image: "reyns/reyns-base", healthcheck: ${healthcheck}${more} });
`,
  });

beforeAll(async () => {
  shop = await createProject();
});
afterAll(() => shop?.[Symbol.asyncDispose]());

test("an instance based on the bundled image is ready when the health check of its definition passes", async () => {
  const counts = "echo x >> /checks; test $(wc -l < /checks) -gt 3";
  await define(`{ test: "${counts}", interval: "300ms", retries: 1 }`);
  await shop.must("run web");
  expect(await shop.json("ps")).toMatchObject([{ service: "web", health: "healthy" }]);
});

test("a health check that never passes fails the run with its last line", async () => {
  await define(
    '{ test: "echo nobody listens; exit 1", interval: "200ms", retries: 1 }',
    ", timeout: 6",
  );
  await shop.must("clean web force=true");
  const { status, stderr } = await shop.reyns("run web");
  expect(stderr).toContain(
    "web-one: not ready after 6 s, it is unhealthy, its health check does not pass: nobody listens",
  );
  expect(stderr).not.toContain("safemode");
  expect(status).toBe(1);
});

test.each([
  ["that is switched off", "{ disable: true }", ""],
  ["that only has an interval, where the image has none", '{ interval: "5s" }', ""],
  ["beside ready", '{ test: "false", interval: "5s" }', ", ready: ready.started()"],
])("a health check %s is not waited for", async (_, healthcheck, more) => {
  await define(healthcheck, more);
  await shop.reyns("clean web force=true");
  await shop.must("run web");
});

test("a service that a Compose file waits for, and that has no health check, is told of reyns.ts alone", async () => {
  await using project = await createProject({
    "compose.yaml": `services:
  db: { image: "debian:bookworm-slim", command: sleep 600, init: true }
  web: { image: "debian:bookworm-slim", depends_on: { db: { condition: service_healthy } } }
`,
  });
  const { status, stderr } = await project.reyns("up -d");
  expect(stderr).toContain(
    "error db-1 has no health check to wait for, neither in its definition nor in its image\n",
  );
  expect(stderr).toContain("in depends_on of a Compose file, condition: service_started;");
  expect(status).toBe(1);
});
