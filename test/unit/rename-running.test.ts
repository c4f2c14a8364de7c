import { expect, test } from "bun:test";
import type { Engine, EngineRequest } from "../../src/docker/client/engine.ts";
import { renameRunning } from "../../src/docker/containers/containers.ts";

const container = {
  Name: "/web-one",
  Image: "sha256:1a2b",
  Created: "2026-01-01T00:00:00Z",
  State: { Running: true, StartedAt: "2026-01-01T00:00:00Z", FinishedAt: "" },
  Config: { Labels: {}, Env: [], Cmd: [] },
  HostConfig: { RestartPolicy: { Name: "" } },
  Mounts: [],
  NetworkSettings: { Networks: {} },
};

function engineThatRefuses(message: string): Engine {
  return {
    features: () => Promise.resolve({}),
    timeout: { milliseconds: 1000, ping: () => Promise.resolve() },
    send: ({ path }: EngineRequest) =>
      Promise.resolve(
        path.endsWith("/json")
          ? Response.json(container)
          : Response.json({ message }, { status: 500 }),
      ),
  } as unknown as Engine;
}

const reason = "cannot create entry in table endpoint_table with key 1077, already exists";

for (const [version, operation] of [
  ["20.10", "rename"],
  ["28", "UpdateDNSNames"],
] as const)
  test(`a running container in an overlay network keeps its name for now with Docker ${version}`, async () => {
    const message = `could not add service state for endpoint web-one.previous to cluster on ${operation}: ${reason}`;
    expect(await renameRunning(engineThatRefuses(message), "1", "web-one.previous")).toBe(false);
  });

test("a container that cannot be renamed for another reason fails the rename", async () => {
  const refused = renameRunning(engineThatRefuses(reason), "1", "web-one.previous");
  await expect(refused).rejects.toThrow("already exists");
});
