import { expect, test } from "bun:test";
import type { Engine, EngineRequest } from "../../src/docker/client/engine.ts";
import { createFleetEngine } from "../../src/docker/fleet/fleet-engine.ts";

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
