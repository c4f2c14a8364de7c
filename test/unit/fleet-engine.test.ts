import { expect, test } from "bun:test";
import type { Engine, EngineRequest } from "../../src/docker/client/engine.ts";
import { createFleetEngine } from "../../src/docker/fleet/fleet-engine.ts";
import { openEngine } from "../../src/runtime/connect.ts";
import { listServices } from "../../src/docker/services/services.ts";
import { greetingTo } from "./support/greeting.ts";
import { projectFolder } from "./support/project-folder.ts";

interface FakeContainer {
  readonly Id: string;
  readonly Names: readonly string[];
}

/** Engines that record what is sent to them, and have these containers. */
async function listedFleet(
  containers: Readonly<Record<string, readonly FakeContainer[]>>,
): Promise<{ fleet: Engine; sent: string[] }> {
  const sent: string[] = [];
  const members = Object.entries(containers).map(([name, own]) => {
    const send = async ({ method, path }: EngineRequest): Promise<Response> => {
      if (path.startsWith("/containers/json")) return Response.json(own);
      sent.push(`${name}: ${method} ${path}`);
      return Response.json({ Id: `run-on-${name}` });
    };
    return { name, engine: { send, endpoint: name } as unknown as Engine };
  });
  const fleet = createFleetEngine(members);
  await fleet.send({ method: "GET", path: "/containers/json?all=true" });
  return { fleet, sent };
}

const both = {
  one: [{ Id: "a", Names: ["/web", "/same"] }],
  two: [{ Id: "b", Names: ["/router", "/same"] }],
};

test("a fleet sends what is about a container to the Engine that has it, by id, name and exec", async () => {
  const { fleet, sent } = await listedFleet(both);
  for (const path of ["/containers/b/kill", "/containers/web/kill", "/containers/router/exec"])
    await fleet.send({ method: "POST", path });
  await fleet.send({ method: "POST", path: "/exec/run-on-two/start" });
  expect(sent).toEqual([
    "two: POST /containers/b/kill",
    "one: POST /containers/web/kill",
    "two: POST /containers/router/exec",
    "two: POST /exec/run-on-two/start",
  ]);
});

test("a fleet changes nothing where the Engine is not known", async () => {
  const { fleet, sent } = await listedFleet(both);
  for (const path of ["/containers/create?name=x", "/containers/same/kill", "/images/create"])
    await expect(fleet.send({ method: "POST", path })).rejects.toThrow(
      "on which node is not known",
    );
  await fleet.send({ method: "GET", path: "/info" });
  expect(sent).toEqual(["one: GET /info"]);
});

test("services are asked of a manager, whichever node the question is for", async () => {
  await using folder = await projectFolder({});
  const asked: string[] = [];
  const serve = (name: string, isManager: boolean) =>
    Bun.serve({
      unix: `${folder.folder}/${name}.sock`,
      fetch: (request) => {
        const greeting = greetingTo(request);
        if (greeting) return greeting;
        const path = new URL(request.url).pathname.replace(/^\/v[\d.]+/, "");
        asked.push(`${name} ${path}`);
        const swarm = { LocalNodeState: "active", NodeID: name, ControlAvailable: isManager };
        const answer = path === "/info" ? { Swarm: swarm } : [];
        return Response.json(answer, { headers: { "Api-Version": "1.41" } });
      },
    });
  const servers = [serve("one", false), serve("two", true)];
  try {
    const members = await Promise.all(
      ["one", "two"].map(async (name) => ({
        name,
        engine: await openEngine({ DOCKER_HOST: `unix://${folder.folder}/${name}.sock` }),
      })),
    );
    const fleet = createFleetEngine(members);
    expect(await listServices(fleet, [])).toEqual([]);
    for (const { engine } of fleet.fleet?.members ?? [])
      expect(await listServices(engine, [])).toEqual([]);
    const questions = asked.filter((line) => !line.endsWith("/info"));
    expect(questions).toEqual(Array(3).fill("two /services"));
  } finally {
    for (const server of servers) await server.stop(true);
  }
});
