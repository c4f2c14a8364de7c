import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectEngine } from "../../src/docker/client/connect.ts";
import type { ReynsError } from "../../src/errors.ts";
import { withPaused } from "../../src/runtime/copies/with-paused.ts";
import { plan, started, startOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

const definition = `import { service } from "reyns";
service("db", { image: "i" });
service("db", { instance: "two", image: "i" });
`;

/** An Engine that pauses and unpauses, unless a call is in here. */
const refused = new Set<string>();
const paused = new Set<string>();
let folder: string;
let server: { stop(closes: boolean): Promise<void> };

function answer(path: string): Response {
  const [, id = "", action = ""] = /\/containers\/([^/]+)\/(\w+)$/.exec(path) ?? [];
  if (refused.has(`${action} ${id}`)) return Response.json({ message: "no" }, { status: 500 });
  if (action === "pause") paused.add(id);
  if (action === "unpause") paused.delete(id);
  if (action !== "json") return new Response(undefined, { status: 204 });
  const state = { Status: "running", Running: true, Paused: paused.has(id) };
  return Response.json({
    Id: id,
    Name: `/${id}`,
    State: state,
    Config: {},
    Mounts: [],
    HostConfig: {},
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reyns-engine-"));
  server = Bun.serve({
    unix: join(folder, "sock"),
    fetch: ({ url }) => {
      const response = url.endsWith("/_ping") ? new Response("OK") : answer(new URL(url).pathname);
      response.headers.set("Api-Version", "1.41");
      return response;
    },
  });
});
afterAll(async () => {
  await server.stop(true);
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  refused.clear();
  paused.clear();
});

const records: (readonly string[])[] = [];

async function outcomeOf(work: () => Promise<string>): Promise<unknown> {
  records.length = 0;
  const engine = await connectEngine({ DOCKER_HOST: `unix://${folder}/sock` }, {});
  await using project = await projectFolder({ "reyns.ts": definition });
  const { steps } = plan(await project.read());
  const instances = ["one", "two"].map((id) =>
    started(startOf(steps, `db-${id}`), { id, origin: "/shop//copy:demo" }),
  );
  return await withPaused(engine, instances, (ids) => records.push(ids), work).catch(
    (error: unknown) => error,
  );
}

test("instances are paused for the work, and recorded from before they are", async () => {
  const outcome = await outcomeOf(async () => [...paused].toSorted().join(" "));
  expect(outcome).toBe("one two");
  expect([...paused]).toEqual([]);
  expect(records).toEqual([["one", "two"], []]);
});

test("the others go on where one cannot be paused, and no work is done", async () => {
  refused.add("pause two");
  let isDone = false;
  const outcome = await outcomeOf(async () => String((isDone = true)));
  expect(outcome).toMatchObject({ code: "FILE_REFUSED" });
  expect((outcome as ReynsError).message).toContain("cannot pause db-two");
  expect([isDone, [...paused]]).toEqual([false, []]);
});

test("an instance that does not go on is an error that names the call for it", async () => {
  refused.add("unpause one");
  const outcome = await outcomeOf(async () => "done");
  expect(outcome).toMatchObject({
    code: "FILE_REFUSED",
    hint: "reyns unpause db one copy=demo",
  });
  expect([...paused]).toEqual(["one"]);
  expect(records.at(-1)).toEqual(["one"]);
});
