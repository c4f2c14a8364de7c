// Docker 20.10 at times counts an endpoint whose container is gone; that cannot be brought about. These are its answers.
import { expect, test } from "bun:test";
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

test.each([
  [{}, {}, "the Engine still counts a container that is gone; restarting the Engine fixes that"],
  [{}, others, "still used by other, more"],
  [podman, others, "still used by other, more"],
])(
  "on an Engine with %j, a network with the users %j stays, with the reason",
  async (kind, users, why) => {
    const socket = join(tmpdir(), `reyns-network-${process.pid}.sock`);
    const server = Bun.serve({
      unix: socket,
      fetch: (request) => {
        const { pathname } = new URL(request.url);
        if (pathname.endsWith("/_ping")) return answer({}, 200, kind);
        if (request.method === "DELETE")
          return kind === podman
            ? answer({})
            : answer({ message: `${network.Name} has active endpoints` }, 403);
        const known = pathname.endsWith("/networks")
          ? [network]
          : { ...network, Containers: users };
        return answer(known);
      },
    });
    const said: unknown[] = [];
    try {
      const engine = await openEngine({ DOCKER_HOST: `unix://${socket}` });
      const step = {
        kind: "remove-network",
        id: "network",
        after: [],
        title: "network",
        reason: "test",
        name: network.Name,
        project,
      } as const;
      const dns = createDnsAccess(engine, { origin: "", keysFolder: "" });
      const { signal } = new AbortController();
      const emit = (event: unknown): void => void said.push(event);
      const note = await removeNetworkStep(step, {
        engine,
        emit,
        signal,
        keysFolder: "",
        stateFolder: "",
        dns,
      });
      expect(note).toBe("stays");
    } finally {
      await server.stop(true);
    }
    expect(said).toEqual([
      { kind: "warning", message: `the network ${network.Name} stays: ${why}` },
    ]);
  },
);
