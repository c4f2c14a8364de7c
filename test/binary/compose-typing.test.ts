// What somebody types who comes from Docker Compose does what it does there.
import { expect, setDefaultTimeout, test } from "bun:test";
import { inspectAll } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";

setDefaultTimeout(120_000);

const dockerfile = (answer: string): string =>
  `FROM debian:bookworm-slim\nRUN echo ${answer} > /answer\nCMD ["sh", "-c", "cat /answer; exec sleep infinity"]\n`;

const compose = `services:
  web:
    build: ./web
    init: true
    volumes: ["kept:/kept"]
  api:
    build: ./api
    init: true
volumes:
  kept:
`;

const ids = async ({ folder }: Project): Promise<Map<string, string>> =>
  new Map([...(await inspectAll(folder))].map(([host, { Id }]) => [host, Id]));

test("a compose.yaml is built, replaced, stopped by name and removed with its data, as typed for Compose", async () => {
  await using shop = await createProject({
    "compose.yaml": compose,
    "web/Dockerfile": dockerfile("first"),
    "api/Dockerfile": dockerfile("api"),
  });
  await shop.must("up -d --build --wait --quiet-pull");
  const before = await ids(shop);
  expect([...before.keys()].toSorted()).toEqual(["api-1", "web-1"]);

  await shop.write({ "web/Dockerfile": dockerfile("second") });
  const changed = await shop.reyns("up -d");
  expect(changed.stderr).toContain("to build and use it: reyns run all build=true");
  await shop.must("up -d --build --remove-orphans");
  const built = await ids(shop);
  expect(built.get("api-1")).toBe(before.get("api-1") ?? "");
  expect(await shop.must("run --rm -T --no-deps web cat /answer")).toBe("second");

  await shop.must("up -d --force-recreate api");
  const recreated = await ids(shop);
  expect(recreated.get("api-1")).not.toBe(built.get("api-1") ?? "");
  expect(recreated.get("web-1")).toBe(built.get("web-1") ?? "");

  const output = await shop.must("logs");
  expect(output).toContain("second");
  expect(output).toContain("api-1");
  await shop.must("stop web api");
  expect(await shop.json("ps")).toEqual([]);
  await shop.must("start api web");
  expect(await shop.json("ps")).toHaveLength(2);

  const refused = await shop.reyns("down -v --rmi local");
  expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining("force")]);
  await shop.must("down -v --rmi local force");
  expect(await ids(shop)).toEqual(new Map());
  expect(await shop.json("volumes")).toEqual([]);
});

test("each service that a call names has to exist", async () => {
  await using shop = await createProject(
    {
      "compose.yaml": compose,
      "web/Dockerfile": dockerfile("1"),
      "api/Dockerfile": dockerfile("2"),
    },
    { offline: true },
  );
  const { status, stderr } = await shop.reyns("run web,apo");
  expect(status).toBe(2);
  expect(stderr).toContain('"apo"');
  expect(stderr).toContain('did you mean "api"?');
});
