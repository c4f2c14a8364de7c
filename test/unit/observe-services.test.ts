// The Engine is a server that records what it is asked for.
import { expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hiddenCheck } from "../../src/cli/common/hidden-services.ts";
import { labels } from "../../src/model/labels.ts";
import { openEngine } from "../../src/runtime/connect.ts";
import { observeContainers } from "../../src/runtime/observe/containers.ts";
import { removeSwarmLeftovers } from "../../src/runtime/swarm/leftovers.ts";
import { forgetService, leaveSwarmMarker, markedServices } from "../../src/runtime/swarm/marker.ts";
import { greetingTo } from "./support/greeting.ts";
import { plan, projectOf, startOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

interface EngineState {
  readonly containers?: readonly object[];
  /** Undefined: the Engine is no manager. */
  readonly services?: readonly object[];
  readonly swarm?: object;
  readonly secrets?: readonly object[];
}

/** A folder with a definition, which the Engine knows as the origin of a project. */
async function inFolder<Value>(
  { definition, isMarked }: { readonly definition: string; readonly isMarked: boolean },
  state: (folder: string) => EngineState,
  look: (engine: Awaited<ReturnType<typeof openEngine>>, folder: string) => Promise<Value>,
): Promise<{ value: Value; calls: readonly string[] }> {
  const folder = await mkdtemp(join(tmpdir(), "reyns-services-"));
  await writeFile(join(folder, "reyns.ts"), definition);
  await mkdir(join(folder, ".reyns"));
  if (isMarked) await writeFile(join(folder, ".reyns/swarm"), "");
  const { containers = [], services, swarm, secrets = [] } = state(folder);
  const answers: Readonly<Record<string, unknown>> = {
    "/containers/json": containers,
    "/services": services,
    "/tasks": [],
    "/info": { Swarm: swarm },
    "/secrets": secrets,
    "/configs": [],
  };
  const calls: string[] = [];
  const socket = join(folder, "engine.sock");
  const server = Bun.serve({
    unix: socket,
    fetch: (request) => {
      const greeting = greetingTo(request);
      if (greeting) return greeting;
      const path = new URL(request.url).pathname.replace(/^\/v[\d.]+/, "");
      calls.push(`${request.method} ${path}`);
      if (request.method !== "GET") return new Response(null, { status: 204 });
      const answer = answers[path];
      return answer === undefined
        ? Response.json({ message: "This node is not a swarm manager." }, { status: 503, headers })
        : Response.json(answer, { headers });
    },
  });
  try {
    return {
      value: await look(await openEngine({ DOCKER_HOST: `unix://${socket}` }), folder),
      calls,
    };
  } finally {
    await server.stop(true);
    await rm(folder, { recursive: true });
  }
}

const headers = { "Api-Version": "1.41" };

const labelsIn = (folder: string): Record<string, string> => ({
  [labels.project]: "shop",
  [labels.folder]: folder,
  [labels.service]: "api",
  [labels.instance]: "one",
});

const serviceIn = (folder: string): object => ({
  ID: "service1",
  Version: { Index: 1 },
  Spec: {
    Name: "shop-api-one",
    Labels: labelsIn(folder),
    TaskTemplate: { ContainerSpec: { Image: "acme/api" }, ForceUpdate: 0 },
    Mode: { Replicated: { Replicas: 2 } },
  },
});

const observe: Parameters<typeof inFolder>[2] = (engine, folder) =>
  observeContainers(
    engine,
    { folder, origin: folder },
    async () => undefined,
    async () => "shop",
  );
type Found = Awaited<ReturnType<typeof observeContainers>>;

const plain = 'service("api");';
const mentions = 'service("api", { swarm: { replicas: 2 } });';
const active = { LocalNodeState: "active", ControlAvailable: false };

test("services are found, with their project's name, in a clone that has not made them", async () => {
  const { value } = await inFolder(
    { definition: mentions, isMarked: false },
    (folder) => ({ services: [serviceIn(folder)] }),
    observe,
  );
  const { name, instances } = value as Found;
  expect([name, instances.map(({ host }) => host)]).toEqual(["shop", ["api-one"]]);
});

test("no swarm is asked for a project that has nothing to do with one", async () => {
  const { calls } = await inFolder({ definition: plain, isMarked: false }, () => ({}), observe);
  expect(calls).toEqual(["GET /containers/json"]);
});

test.each([
  [active, "this Engine is no manager of its swarm"],
  [{ LocalNodeState: "locked" }, "the swarm of this Engine does not answer (locked)"],
  [{ LocalNodeState: "inactive" }, undefined],
] as const)("an Engine with the swarm %p may hide services", async (swarm, reason) => {
  const { value } = await inFolder(
    { definition: plain, isMarked: true },
    () => ({ swarm }),
    observe,
  );
  expect((value as Found).hiddenServices).toBe(reason);
});

test("a container whose place a service was taking is no instance of its own", async () => {
  const { value } = await inFolder(
    { definition: mentions, isMarked: true },
    (folder) => ({
      services: [serviceIn(folder)],
      containers: [
        {
          ...{ Id: "former", Names: ["/shop-api-one.previous"], Image: "acme/api", ImageID: "" },
          ...{ State: "exited", Status: "Exited (0) 1 second ago", Created: 0 },
          Labels: labelsIn(folder),
        },
      ],
    }),
    observe,
  );
  expect((value as Found).instances).toMatchObject([{ id: "service1", predecessor: "former" }]);
});

test("clean removes the secrets that a call which was cut off has left, and no others", async () => {
  const secretOf = (folder: string, ID: string, service: string): object => ({
    ID,
    Spec: { Name: ID, Labels: { [labels.folder]: folder, [labels.service]: service } },
  });
  const { calls, value } = await inFolder(
    { definition: mentions, isMarked: true },
    (folder) => ({
      services: [serviceIn(folder)],
      secrets: [secretOf(folder, "own", "shop-api-one"), secretOf(folder, "left", "shop-web-one")],
    }),
    async (engine, folder) => {
      for (const name of ["shop-web-one", "shop-api-one"])
        leaveSwarmMarker(join(folder, ".reyns"), name);
      await removeSwarmLeftovers(engine, { folder, origin: folder });
      return [...markedServices(join(folder, ".reyns"))];
    },
  );
  expect(calls.filter((call) => call.startsWith("DELETE"))).toEqual(["DELETE /secrets/left"]);
  expect(value).toEqual(["shop-api-one"]);
});

test("no container starts beside the service that it has been, where no manager tells of that", async () => {
  await using folder = await projectFolder({});
  const place = { folder: folder.folder, origin: folder.folder };
  const state = join(place.folder, ".reyns");
  const step = startOf(plan(projectOf([{ service: "web", instance: "one" }])).steps, "web-one");
  const check = hiddenCheck("no manager", { project: place, leavesServices: true });
  leaveSwarmMarker(state, "shop-api-one");
  check([step]);
  leaveSwarmMarker(state, step.spec.name);
  expect(() => check([step])).toThrow(
    "web-one would start beside the Swarm service that it has been until now",
  );
  // It has a container on this machine already.
  check([{ ...step, predecessor: "former" }]);
  forgetService(state, step.spec.name);
  check([step]);
});
