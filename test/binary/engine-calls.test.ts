// What a command asks of the Engine is counted: clocks say little on a busy machine, and each call costs one that is not.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createProject, type Project } from "./support/project.ts";
import { openRelay } from "./support/relay.ts";

setDefaultTimeout(240_000);

/** So many instances of a ready image that say when they are ready. */
const definitionOf = (
  count: number,
  seconds = "infinity",
): string => `import { ready, service } from "reyns";
const command = ["sh", "-c", "echo up; exec sleep ${seconds}"];
for (let i = 0; i < ${count}; i++)
  service("web", { image: "debian:bookworm-slim", instance: \`i\${i}\`, init: true, command, ready: ready.log("up") });
`;

const projectOf = (count: number): Promise<Project> =>
  createProject({ "reyns.ts": definitionOf(count) });

interface Asked {
  /** "POST /containers/*\/start" -> how often. */
  readonly calls: Readonly<Record<string, number>>;
  atOnce(pattern: RegExp): number;
}

/** A request without what differs each time. */
function kindOf(request: string): string {
  const [method = "", path = ""] = request.split(" ");
  const plain = (path.split("?")[0] ?? "").replace(/^\/v\d\.\d+/, "");
  const named = plain.replace(/^\/(containers|networks|volumes)\/(?!json$|create$)[^/]+/, "/$1/*");
  return `${method} ${named.replace(/^\/images\/.+\/json$/, "/images/*/json")}`;
}

async function asked(project: Project, line: string): Promise<Asked> {
  // Not in an instant, so that those that are sent together are seen together.
  await using relay = await openRelay({ request: () => 30 });
  // A busy Engine would be pinged.
  await project.must(line, { env: { DOCKER_HOST: relay.host, ENGINE_TIMEOUT: "120" } });
  const kinds = Object.groupBy(relay.requests.map(kindOf), (kind) => kind);
  const calls = Object.entries(kinds).map(([kind, all]) => [kind, all?.length ?? 0] as const);
  return { calls: Object.fromEntries(calls), atOnce: (pattern) => relay.atOnce(pattern) };
}

/** Which versions of the API it speaks: asked before something changes. */
const greeting = { "GET /_ping": 1 };

/** The lists that a plan begins with: once to find the conf that runs, and once more under the lock. */
const looks = {
  "GET /containers/json": 2,
  "GET /networks": 1,
  "GET /images/*/json": 4,
};

describe.each([2, 10])("with %d instances", (count) => {
  let project: Project;

  beforeAll(async () => {
    project = await projectOf(count);
  });
  afterAll(() => project?.[Symbol.asyncDispose]());

  test("plan changes nothing, and asks as much as a run that has nothing to do", async () => {
    expect((await asked(project, "plan all")).calls).toEqual(looks);
  });

  test("run all creates, attaches to and starts each instance once", async () => {
    const { calls, atOnce } = await asked(project, "run all");
    expect(calls).toEqual({
      ...looks,
      ...greeting,
      // Once more for the table of what was started.
      "GET /containers/json": 3,
      // The volumes of each one's image.
      "GET /images/*/json": 4 + count,
      "POST /networks/create": 1,
      "POST /containers/create": count,
      "POST /containers/*/attach": count,
      "POST /containers/*/start": count,
    });
    expect(atOnce(/containers\/(create|\w+\/start)/)).toBe(Math.min(count, 8));
  });

  test("run all that changes nothing makes the same few calls for any number of instances", async () => {
    expect((await asked(project, "run all")).calls).toEqual(looks);
  });

  test("plan of a change only reads", async () => {
    await project.write({ "reyns.ts": definitionOf(count, "600") });
    const { calls } = await asked(project, "plan all");
    expect(calls).toEqual({
      ...looks,
      ...greeting,
      "GET /containers/*/json": count,
      // The labels of their image.
      "GET /images/*/json": 5,
    });
  });

  test("run all that replaces each instance stops, renames, creates, starts and removes once each", async () => {
    const { calls } = await asked(project, "run all jobs=2");
    expect(calls).toMatchObject({
      "POST /containers/*/stop": count,
      "POST /containers/*/rename": count,
      "POST /containers/create": count,
      "POST /containers/*/start": count,
      "DELETE /containers/*": count,
    });
    expect(calls).not.toHaveProperty("POST /networks/create");
  });

  test("ps asks for one list", async () => {
    expect((await asked(project, "ps")).calls).toEqual({ "GET /containers/json": 1 });
  });

  test("clean all stops each instance once, and removes as many at once as jobs says", async () => {
    const { calls, atOnce } = await asked(project, "clean all force=True jobs=2");
    expect(calls).toEqual({
      ...greeting,
      "GET /containers/json": 1,
      // Which networks are the project's, and whether the one to remove still is.
      "GET /networks": 2,
      "POST /containers/*/stop": count,
      // Of itself, and of what a copy for it that was killed may have left.
      "DELETE /containers/*": 2 * count,
      "DELETE /networks/*": 1,
    });
    // A stop that takes long does not hold up others; removals are work.
    expect(atOnce(/^DELETE /)).toBeLessThanOrEqual(2);
  });
});

test("plan of 100 instances that are not there yet only reads", async () => {
  await using project = await projectOf(100);
  const { calls } = await asked(project, "plan all");
  expect(Object.keys(calls).filter((call) => !call.startsWith("GET "))).toEqual([]);
});

test("help and check do not call the Engine", async () => {
  await using project = await projectOf(1);
  for (const line of ["help", "help run", "check"])
    expect((await asked(project, line)).calls).toEqual({});
});

test("REYNS_TRACE records each call and each step", async () => {
  await using project = await projectOf(1);
  const file = join(project.folder, "trace.json");
  await project.must("run all", { env: { REYNS_TRACE: file } });
  const { traceEvents } = JSON.parse(await readFile(file, "utf8")) as {
    traceEvents: { ph: string; cat?: string; name: string; ts?: number; dur?: number }[];
  };
  const spans = traceEvents.filter(({ ph }) => ph === "X");
  const named = (category: string): string[] =>
    spans.filter(({ cat }) => cat === category).map(({ name }) => kindOf(name));
  expect(named("engine").toSorted()).toContain("POST /containers/*/start");
  expect(spans.map(({ name }) => name)).toContain("web-i0");
  expect(spans.map(({ name }) => name)).toContain("read the definition");
  expect(spans.every(({ ts = -1, dur = -1 }) => ts >= 0 && dur >= 0)).toBe(true);
});

test("a trace that cannot be written fails the call, after its result", async () => {
  await using project = await projectOf(1);
  const env = { REYNS_TRACE: join(project.folder, "reyns.ts", "trace.json") };
  const { status, stdout, stderr } = await project.reyns("version", { env });
  expect(status).toBe(1);
  expect(stdout).toStartWith("reyns ");
  expect(stderr).toStartWith("error cannot write the trace: ");
});
