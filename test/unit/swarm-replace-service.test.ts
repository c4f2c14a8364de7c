// The Engine is a server that records what it is asked to change.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { ReynsError, ReynsErrors } from "../../src/errors.ts";
import { heldText } from "../../src/runtime/executor/run-in-slot.ts";
import { openEngine } from "../../src/runtime/connect.ts";
import { replaceByContainer } from "../../src/runtime/swarm/replace-service.ts";
import { greetingTo } from "./support/greeting.ts";
import { plan, projectOf, startOf } from "./support/planning.ts";
import { stepContext } from "./support/step-context.ts";
import { projectFolder } from "./support/project-folder.ts";

const start = startOf(plan(projectOf([{ service: "web", instance: "one" }])).steps, "web-one");
const containerPath = `/containers/${start.spec.name}`;
const removal = `DELETE ${containerPath}`;
const update = "POST /services/s1/update";
const port = { host: 80, container: 80, protocol: "tcp", ip: "" } as const;

interface Case {
  readonly replicas?: number;
  /** Both publish port 80. */
  readonly sharesPort?: boolean;
  /** A container of its name is there before. */
  readonly isLeft?: boolean;
  readonly fails?: boolean;
  /** Requests, such as `GET /tasks`, whose answer is an error once the container has been started. */
  readonly refused?: readonly string[];
}

async function replace(given: Case): Promise<{ calls: string[]; thrown: string[] }> {
  const { replicas = 1, sharesPort = false, isLeft = false, fails = false, refused = [] } = given;
  await using folder = await projectFolder({});
  const calls: string[] = [];
  let [hasContainer, hasStarted, isGone] = [isLeft, false, false];
  let tasks = replicas;
  const documents: Readonly<Record<string, () => object | undefined>> = {
    "/services/s1": () => serviceOf(tasks, sharesPort),
    "/tasks": () => (tasks > 0 && !isGone ? [runningTask] : []),
    "/nodes": () => [],
    "/secrets": () => [],
    "/configs": () => [],
    [`${containerPath}/json`]: () => (hasContainer ? container : undefined),
  };
  const answer = (method: string, path: string, body: string): Response => {
    const call = `${method} ${path}`;
    if (method !== "GET") calls.push(call);
    if (hasStarted && refused.includes(call))
      return Response.json({ message: "out of order" }, { status: 500, headers });
    if (call === removal) hasContainer = false;
    if (call === "DELETE /services/s1") isGone = true;
    tasks = Number(/"Replicas":(\d+)/.exec(body)?.[1] ?? tasks);
    if (method !== "GET") return Response.json({}, { headers });
    const found = documents[path]?.() ?? (path.startsWith("/images/") ? image : undefined);
    return Response.json(found ?? { message: "none" }, { status: found ? 200 : 404, headers });
  };
  const server = Bun.serve({
    unix: join(folder.folder, "engine.sock"),
    fetch: async (request) => {
      const path = new URL(request.url).pathname.replace(/^\/v[\d.]+/, "");
      return greetingTo(request) ?? answer(request.method, path, await request.text());
    },
  });
  try {
    const engine = await openEngine({ DOCKER_HOST: `unix://${folder.folder}/engine.sock` });
    const context = stepContext(engine);
    const spec = { ...start.spec, ports: sharesPort ? [port] : [] };
    const replaced = replaceByContainer({ ...start, spec, removes: "s1" }, context, async () => {
      calls.push("start");
      [hasContainer, hasStarted] = [true, true];
      if (fails) throw new ReynsError("NOT_READY", "web-one is not ready");
      return "10.0.0.2";
    });
    return { calls, thrown: await replaced.then(() => [], textsOf) };
  } finally {
    await server.stop(true);
  }
}

const headers = { "Api-Version": "1.41" };
const image = { Id: "sha256:1", Config: {}, RepoTags: [] };
const runningTask = {
  ...{ ID: "t1", ServiceID: "s1", Slot: 1, DesiredState: "running", Spec: { ForceUpdate: 0 } },
  Status: { State: "running", Timestamp: "2026-01-01T00:00:00Z" },
};
const container = {
  ...{ Name: `/${start.spec.name}`, Image: "sha256:1", RestartCount: 0, Mounts: [] },
  Config: { Labels: start.spec.labels },
  State: { Running: true, Restarting: false, ExitCode: 0, StartedAt: "" },
  HostConfig: {},
};

function serviceOf(Replicas: number, sharesPort: boolean): object {
  const Ports = sharesPort ? [{ PublishedPort: 80, TargetPort: 80, Protocol: "tcp" }] : [];
  return {
    ...{ ID: "s1", Version: { Index: 1 } },
    Spec: {
      ...{ Name: start.spec.name, Labels: {}, Mode: { Replicated: { Replicas } } },
      TaskTemplate: { ContainerSpec: { Image: "x" }, ForceUpdate: 0 },
      EndpointSpec: { Ports },
    },
  };
}

function textsOf(error: unknown): string[] {
  const all = error instanceof ReynsErrors ? error.errors : [error];
  return all.map((one) =>
    one instanceof ReynsError ? `${one.message}; ${one.hint ?? "no hint"}` : String(one),
  );
}

test("a container that is ready stays when its former service cannot be removed", async () => {
  for (const refused of ["DELETE /services/s1", "GET /tasks", "GET /secrets"]) {
    const { calls, thrown } = await replace({ refused: [refused] });
    expect(calls.filter((call) => call.includes("/containers/"))).toEqual([]);
    expect(thrown).toEqual([
      expect.stringMatching(
        /^web-one: its container is ready, but its former service, or the rest of it, could not be removed: .*out of order; run it again: /,
      ),
    ]);
  }
});

test("a container that fails is removed, and the service is reported as it is", async () => {
  const hints = [
    [{}, ["start", removal], "serves on"],
    [{ replicas: 0, sharesPort: true }, ["start", removal], "has no tasks, as before"],
    [{ sharesPort: true }, [update, "start", removal, update], "serves again"],
  ] as const;
  for (const [given, expected, state] of hints) {
    const { calls, thrown } = await replace({ ...given, fails: true });
    expect(calls).toEqual([...expected]);
    const hint = `the former service of web-one ${state}; fix the cause, then run it again`;
    expect(thrown).toEqual([`web-one is not ready; ${hint}`]);
  }
});

test("the service gets its tasks back where the container that failed cannot be removed", async () => {
  const refused = [removal];
  const { calls, thrown } = await replace({ sharesPort: true, fails: true, refused });
  expect(calls).toEqual([update, "start", removal, update]);
  expect(thrown).toEqual([
    "web-one is not ready; no hint",
    expect.stringMatching(/^web-one: its new container could not be removed: .*; run it again/),
  ]);
  const alone = await replace({ fails: true, refused });
  expect(alone.thrown.join("\n")).not.toContain("nothing serves");
});

test("only a service whose tasks were stopped is said not to serve", async () => {
  const { thrown } = await replace({ sharesPort: true, fails: true, refused: [update] });
  expect(thrown[1]).toMatch(/its former service could not be brought back: .*; nothing serves it/);
});

test("a container that an earlier call has left gets its time to end", async () => {
  const { calls } = await replace({ isLeft: true });
  const expected = [`POST ${containerPath}/stop`, removal, "start", "DELETE /services/s1"];
  expect(calls.filter((call) => !call.includes("reyns-source"))).toEqual(expected);
});

test("an interruption says that it waits until one of the two is removed", () => {
  const text = heldText({ ...start, removes: "s1", removesService: true });
  expect(text).toContain("either the service or the container is removed; press Ctrl-C again");
  expect(heldText(start)).toContain("leave it stopped");
});
