// Docker 20.10 at times counts an endpoint whose container is gone; that cannot be brought about. These are its answers.
import { expect, spyOn, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "../../src/runtime/connect.ts";
import { createDnsAccess } from "../../src/runtime/dns/client.ts";
import { removeNetworkStep } from "../../src/runtime/executor/steps/remove.ts";
import { labels } from "../../src/model/labels.ts";
import { networkNameOf } from "../../src/model/resource-names.ts";

const project = { name: "shop", origin: "/shop" };
const network = {
  Id: "65b75a883bdc",
  Name: networkNameOf(project),
  Labels: { [labels.project]: project.name, [labels.folder]: project.origin },
  IPAM: { Config: [] },
};

function answer(document: object, status = 200, headers = {}): Response {
  return Response.json(document, { status, headers: { "Api-Version": "1.41", ...headers } });
}

const podman = { "Libpod-API-Version": "4.3.1" };
const others = { 4: { Name: "other" }, 5: { Name: "more" } };

const step = {
  kind: "remove-network",
  id: "network",
  after: [],
  title: "network",
  reason: "test",
  name: network.Name,
  project,
} as const;

/** Removes the network from an Engine with these answers; returns the note, and what was said. */
async function removeFrom(
  fetch: (request: Request) => Response,
): Promise<{ readonly note: string | undefined; readonly said: readonly unknown[] }> {
  const socket = join(tmpdir(), `reyns-network-${process.pid}.sock`);
  const server = Bun.serve({ unix: socket, fetch });
  const said: unknown[] = [];
  try {
    const engine = await openEngine({ DOCKER_HOST: `unix://${socket}` });
    const dns = createDnsAccess(engine, { origin: "", keysFolder: "" });
    const { signal } = new AbortController();
    const emit = (event: unknown): void => void said.push(event);
    const folders = { keysFolder: "", stateFolder: "" };
    const note = await removeNetworkStep(step, { engine, emit, signal, dns, ...folders });
    return { note, said };
  } finally {
    await server.stop(true);
  }
}

test.each([
  [{}, {}, "the Engine still counts a container that is gone; restarting the Engine fixes that"],
  [{}, others, "still used by other, more"],
  [podman, others, "still used by other, more"],
])(
  "on an Engine with %j, a network with the users %j stays, with the reason",
  async (kind, users, why) => {
    const { note, said } = await removeFrom((request) => {
      const { pathname } = new URL(request.url);
      if (pathname.endsWith("/_ping")) return answer({}, 200, kind);
      if (request.method === "DELETE")
        return kind === podman
          ? answer({})
          : answer({ message: `${network.Name} has active endpoints` }, 403);
      const known = pathname.endsWith("/networks") ? [network] : { ...network, Containers: users };
      return answer(known);
    });
    expect(note).toBe("stays");
    expect(said).toEqual([
      { kind: "warning", message: `the network ${network.Name} stays: ${why}` },
    ]);
  },
);

test("a network that is removed, and still listed by a manager, is not said to stay", async () => {
  const now = performance.now.bind(performance);
  let passed = 0;
  const clock = spyOn(performance, "now").mockImplementation(() => now() + passed);
  try {
    const { note, said } = await removeFrom((request) => {
      if (request.method === "DELETE") passed = 60_000;
      return answer(request.url.endsWith("/networks") ? [{ ...network, Scope: "swarm" }] : {});
    });
    expect(note).toBeUndefined();
    expect(said).toEqual([
      {
        kind: "warning",
        message: `the network ${network.Name} is removed, but a manager of the swarm still lists it: wait a moment before the next run`,
      },
    ]);
  } finally {
    clock.mockRestore();
  }
});
