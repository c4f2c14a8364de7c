// The Engine is a server that records what it is asked for.
import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mount } from "../../src/model/container-spec.ts";
import { openEngine } from "../../src/runtime/connect.ts";
import { removeReplaced } from "../../src/runtime/instances/remove-replaced.ts";
import { greetingTo } from "./support/greeting.ts";

async function callsFor(source: string): Promise<string[]> {
  const socket = join(tmpdir(), `reyns-replaced-${process.pid}.sock`);
  const calls: string[] = [];
  const server = Bun.serve({
    unix: socket,
    fetch: (request) => {
      const greeting = greetingTo(request);
      if (greeting) return greeting;
      const { pathname, search } = new URL(request.url);
      calls.push(`${request.method} ${pathname.replace(/^\/v[\d.]+/, "")}${search}`);
      return new Response(null, { status: 204 });
    },
  });
  try {
    const mount: Mount = { type: "volume", source, target: "/data", readOnly: false };
    const engine = await openEngine({ DOCKER_HOST: `unix://${socket}` });
    const step = { host: "web-one", removes: "65b75a883bdc" };
    const context = { engine, keysFolder: tmpdir(), emit: () => {} };
    await removeReplaced(step, { mounts: [mount] }, context);
    return calls;
  } finally {
    await server.stop(true);
  }
}

test("a replaced container is stopped before it is removed with its unnamed volumes", async () => {
  const calls = await callsFor("shop-4f2c91-data");
  expect(calls[0]).toBe("POST /containers/65b75a883bdc/stop");
  expect(calls.at(-1)).toBe("DELETE /containers/65b75a883bdc?force=true&v=true");
});

test("an unnamed volume that the new container has taken over stays", async () => {
  const calls = await callsFor("ab".repeat(32));
  expect(calls.at(-1)).toBe("DELETE /containers/65b75a883bdc?force=true&v=false");
});
