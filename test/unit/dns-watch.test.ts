// The Engine is a server that tells of nothing: what matters is what the watch does by itself.
import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "../../src/runtime/connect.ts";
import { watchRegistrations } from "../../src/runtime/dns/watch.ts";
import { ReynsError } from "../../src/errors.ts";
import { greetingTo } from "./support/greeting.ts";
import { plan, projectOf, started, startOf } from "./support/planning.ts";

const project = projectOf([
  { service: "reyns-dns", instance: "main" },
  { service: "web", instance: "one" },
]);
const dead = started(startOf(plan(project).steps, "web-one"), { state: "exited" });

test("a watch ends with the error of its listener", async () => {
  const unix = join(tmpdir(), `reyns-watch-${process.pid}.sock`);
  const engine = Bun.serve({
    unix,
    fetch: (request) =>
      greetingTo(request) ??
      new Response(new ReadableStream({ start: (events) => events.enqueue("\n") })),
  });
  const refused = new ReynsError("DNS_REFUSED", "not now");
  const watching = watchRegistrations({
    engine: await openEngine({ DOCKER_HOST: `unix://${unix}` }),
    project: { name: "shop", origin: "/shop" },
    dns: { to: () => Promise.reject(refused), node: () => Promise.resolve("here") },
    instances: [dead],
    signal: new AbortController().signal,
    onReady: () => {},
    onEvent: ({ reason }) => {
      throw new Error(`nobody reads "${reason}"`);
    },
  });
  await expect(watching).rejects.toThrow('nobody reads "not now"');
  await engine.stop(true);
});
