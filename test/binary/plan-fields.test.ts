// A plan shows each changed field as it is written, and no field that has not changed.
import { expect, setDefaultTimeout, test } from "bun:test";
import { createProject } from "./support/project.ts";

setDefaultTimeout(240_000);

const definition = (fields: string): string => `import { project, required, service } from "reyns";
project("planned-fields");
service("web", { image: "debian:bookworm-slim", init: true, command: ["sleep", "600"],
  env: { API_KEY: required({ secret: true }) }, ${fields} });
`;

const before = `healthcheck: { test: "true", interval: "5s" }, labels: { a: "1", b: "same" },
  memLimit: "100m", ulimits: { nofile: 1000, core: { soft: 0, hard: 0 } }`;

test("plan shows health checks, labels, sizes and limits as they are written", async () => {
  const env = { API_KEY: "k" };
  await using shop = await createProject({ "reyns.ts": definition(before) });
  await shop.must("run all", { env });
  expect(await shop.must("plan", { env })).toBe("Nothing to do: 1 unchanged");
  const after = `healthcheck: { test: "true", interval: "10s" }, labels: { a: "2", b: "same" },
  memLimit: "200m", ulimits: { nofile: 2000, core: { soft: 0, hard: 0 } }`;
  await shop.write({ "reyns.ts": definition(after) });
  const lines = (await shop.must("plan", { env })).split("\n").map((line) => line.trim());
  expect(lines.filter((line) => line.includes("->")).toSorted()).toEqual([
    'healthcheck.interval  "5s" -> "10s"',
    'labels.a              "1" -> "2"',
    'memLimit              "100m" -> "200m"',
    'ulimits               "nofile=1000:1000" -> "nofile=2000:2000"',
  ]);

  const others = before.replace('test: "true"', 'test: ["CMD", "test", "-e", "/"]');
  await shop.write({ "reyns.ts": definition(others.replace(', b: "same"', "")) });
  const { stdout } = await shop.reyns("plan", { env });
  expect(stdout).toContain('    healthcheck  "CMD-SHELL true" -> "CMD test -e /"\n');
  expect(stdout).toContain('    labels.b     "same" -> (none)\n');
  expect(stdout).not.toContain("/run/secrets");
});
