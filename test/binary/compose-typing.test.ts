// What somebody types who comes from Docker Compose does what it does there.
import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { basename } from "node:path";
import { must, run } from "../engine/support/images-container.ts";
import { inspectAll } from "./support/engine.ts";
import { createProject, type Project } from "./support/project.ts";
import { importSmallImage, smallImage } from "./support/small-image.ts";

setDefaultTimeout(240_000);

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
  const started = await shop.reyns("up -d --build --wait --quiet-pull");
  expect([started.status, started.stderr]).toEqual([0, expect.not.stringContaining("background")]);
  const shown = await shop.reyns("up");
  expect(shown.stderr).toEndWith("to follow the output: reyns logs all follow\n");
  expect((await shop.reyns("up quiet")).stderr).toBe("");
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

  expect(await shop.must("config -q")).toBe("");
  expect(await shop.must("images -q")).toMatch(/^[0-9a-f]{64}(\n[0-9a-f]{64})+$/);
  expect((await shop.must("ls -q")).split("\n")).toContain(basename(shop.folder).toLowerCase());
  expect(await shop.must("volumes -q")).toMatch(/^\S+_kept$/);

  const output = await shop.must("logs");
  expect(output).toContain("second");
  expect(output).toContain("api-1");
  await shop.must("stop web api");
  expect(await shop.json("ps")).toEqual([]);
  await shop.must("start api web");
  expect(await shop.json("ps")).toHaveLength(2);

  const refused = await shop.reyns("clean all data=true images=true");
  expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining("add yes=true")]);
  await shop.must("down -v --rmi local");
  expect(await ids(shop)).toEqual(new Map());
  expect(await shop.json("volumes")).toEqual([]);
});

/** A base of the tests' own, whose name a build takes over. */
const base = `reyns-test/taken-over-${process.pid}:1`;
const onItsBase = {
  "compose.yaml": `services:
  web: { image: "${base}", build: ./web, init: true }
  db: { image: "${smallImage}", init: true }
`,
  "web/Dockerfile": `FROM ${base}\nCOPY name /names/first\n`,
  "web/name": "first",
};

beforeAll(importSmallImage);
// It goes with the image that a test has built over it.
beforeEach(() => must("docker", "tag", smallImage, base));
afterAll(() => run(["docker", "rmi", "--force", base]));

test("up --no-build names the images that are missing; rm takes what has stopped, and with -s what runs", async () => {
  await using shop = await createProject(onItsBase);
  const refused = await shop.reyns("up -d --no-build");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(/not on this Engine, and build is false: \S+\/web$/m);
  expect(refused.stderr).toContain("reyns build web");
  expect(await ids(shop)).toEqual(new Map());
  await shop.must("build web");
  await shop.must("up -d --no-build");
  const before = await ids(shop);

  const kept = await shop.reyns("rm -f web");
  expect([kept.status, kept.stderr]).toEqual([0, expect.stringContaining("nothing has stopped")]);
  await shop.must("stop web");
  await shop.must("rm -f");
  expect(await ids(shop)).toEqual(new Map([["db-1", before.get("db-1") ?? ""]]));
  await shop.must("rm -sf");
  expect(await ids(shop)).toEqual(new Map());
});

test("a build that takes over the name of its base is built once, and again on top of it", async () => {
  await using shop = await createProject(onItsBase);
  await shop.must("up -d web");
  const before = await ids(shop);
  expect((await shop.reyns("build web")).stderr).toContain("up to date");
  await shop.must("up -d");
  expect((await ids(shop)).get("web-1")).toBe(before.get("web-1") ?? "");

  await shop.write({
    "web/Dockerfile": `FROM ${base}\nCOPY name /names/second\n`,
    "web/name": "second",
  });
  await shop.must("up -d --build");
  const names = await shop.must(["exec", "web", "sh", "-c", "cat /names/first /names/second"]);
  expect(names).toBe("firstsecond");
});

test("a build that takes over the name of its base starts from a newer one when that was pulled", async () => {
  await using shop = await createProject(onItsBase);
  await shop.must("build web");
  await using newer = await createProject({
    "new/Dockerfile": `FROM ${smallImage}\nRUN mkdir -p /names && echo newer >/names/base\n`,
  });
  // As a pull does.
  await must("docker", "build", "--quiet", "--tag", base, `${newer.folder}/new`);
  expect((await shop.reyns("build web")).stderr).not.toContain("up to date");
  const read = ["run", "--rm", "--entrypoint", "cat", base, "/names/base", "/names/first"];
  expect((await must("docker", ...read)).replaceAll("\n", "")).toBe("newerfirst");
  expect((await shop.reyns("build web")).stderr).toContain("up to date");
});

test("missing values and folders are named before anything is built or pulled", async () => {
  await using shop = await createProject({
    "reyns.ts": `
import { project, required, service } from "reyns";
project("asks-first");
service("web", { instance: "one", env: { TOKEN: required() }, persistentData: true });
service("api", { instance: "one", image: "localhost:1/nothing" });
`,
    "services/web/Dockerfile": dockerfile("web"),
  });
  const inspect = ["docker", "image", "inspect", "asks-first/web"];
  for (const command of ["up -d --build", "run all build=true", "up -d --pull always"]) {
    const missing = await shop.reyns(command);
    expect(missing).toMatchObject({ status: 2, stderr: expect.stringContaining("TOKEN") });
    const asked = await shop.reyns(command, { env: { TOKEN: "t" } });
    expect(asked).toMatchObject({ status: 2, stderr: expect.stringContaining("does not exist") });
    expect(missing.stderr + asked.stderr).not.toContain("localhost:1");
    expect((await run(inspect)).status).not.toBe(0);
  }
  await shop.must("build web");
  expect((await run(inspect)).status).toBe(0);
});

test("rm -f leaves jobs that are done, and what is missing stays missing", async () => {
  await using shop = await createProject({
    "compose.yaml": `services:
  migrate: { image: "${smallImage}", command: "true" }
  web:
    image: "${smallImage}"
    init: true
    depends_on: { migrate: { condition: service_completed_successfully } }
  db: { image: "${smallImage}", init: true }
`,
  });
  await shop.must("up -d");
  const before = await ids(shop);
  await must("docker", "rm", "--force", before.get("db-1") ?? "");
  await shop.must("stop web");
  const { stderr } = await shop.reyns("rm -f");
  expect(stderr).toContain("migrate-1; name the service");
  expect([...(await ids(shop)).keys()]).toEqual(["migrate-1"]);
  expect(await shop.must("ps")).toMatch(/^db +1 +missing/m);
  await shop.must("rm -f migrate");
  expect(await ids(shop)).toEqual(new Map());
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

test("run --rm without a command runs the service's own, in a fresh container with what the call adds", async () => {
  await using shop = await createProject({
    "compose.yaml": `services:
  migrate: { image: "${smallImage}", command: ["sh", "-c", "cat /added; exit 3"] }
`,
    added: "from the call",
  });
  const ended = await shop.reyns("run --rm -T -v ./added:/added migrate");
  expect([ended.status, ended.stdout]).toEqual([3, "from the call"]);
  expect(await ids(shop)).toEqual(new Map());
});

test("exec without a terminal does not take the first of several instances, or hides that it does", async () => {
  await using shop = await createProject({
    "compose.yaml": `services:
  work: { image: "${smallImage}", command: ["sleep", "1000"], init: true, deploy: { replicas: 2 } }
`,
  });
  await shop.must("up -d");
  const hint = "in work-1, the first of 2 instances: --index names another\n";
  const first = await shop.reyns("exec -T work hostname");
  expect([first.stdout, first.stderr]).toEqual(["work-1\n", hint]);
  for (const words of ["--index 2 work", "work-2"]) {
    const second = await shop.reyns(`exec -T ${words} hostname`);
    expect([second.stdout, second.stderr]).toEqual(["work-2\n", ""]);
  }
  for (const line of ["port work-2", "port work-2 80"])
    expect((await shop.reyns(line)).stderr).toContain("work-2 publishes no port");
});

test("down -v keeps the data of a service that is no longer in the file, and names it", async () => {
  const service = (name: string): string =>
    `  ${name}: { image: "${smallImage}", init: true, command: sleep 60, volumes: ["${name}:/kept"] }\n`;
  const file = (...names: string[]): string =>
    `services:\n${names.map(service).join("")}volumes: { ${names.map((name) => `${name}: {}`).join(", ")} }\n`;
  await using shop = await createProject({ "compose.yaml": file("web", "db") });
  await shop.must("up -d");
  await shop.write({ "compose.yaml": file("web") });
  const { status, stderr } = await shop.reyns("down -v");
  expect(status).toBe(0);
  expect(stderr).toMatch(/kept, as the definition does not declare it: volume \S+[-_]db; /);
  expect(await ids(shop)).toEqual(new Map());
  expect(await shop.must("volumes -q")).toMatch(/^\S+[-_]db$/);
  await shop.must("clean all data=true force");
  expect(await shop.json("volumes")).toEqual([]);
});
