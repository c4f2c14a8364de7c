// The Engine is a server that counts how often the log of a service is read.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { openEngine } from "../../src/runtime/connect.ts";
import { followLogs } from "../../src/runtime/sessions/follow-logs.ts";
import { greetingTo } from "./support/greeting.ts";
import { projectFolder } from "./support/project-folder.ts";

const swarm = { desired: 1, running: 1, replicas: 1, update: undefined };
const source = { id: "s1", host: "api-one", service: "api", instance: "one", swarm };
const headers = { "Api-Version": "1.41" };
const service = {
  ...{ ID: "s1", Version: { Index: 1 }, UpdatedAt: "2026-01-01T00:00:00Z" },
  Spec: {
    ...{ Name: "shop-api-one", Labels: {}, Mode: { Replicated: { Replicas: 1 } } },
    TaskTemplate: { ContainerSpec: { Image: "x" }, ForceUpdate: 0 },
  },
};

/** Follows a service that has tasks, and whose log ends at once. */
async function follow(
  log: (query: URLSearchParams) => Response,
  onLine = (_text: string): void => {},
): Promise<{ reads: number; unreadable: number }> {
  await using folder = await projectFolder({});
  const counts = { reads: 0, unreadable: 0 };
  const server = Bun.serve({
    unix: join(folder.folder, "engine.sock"),
    fetch: (request) => {
      const greeting = greetingTo(request);
      if (greeting) return greeting;
      const path = new URL(request.url).pathname.replace(/^\/v[\d.]+/, "");
      if (path === "/events")
        return new Response(new ReadableStream({ start: (stream) => stream.enqueue("\n") }), {
          headers,
        });
      if (path === "/services/s1") return Response.json(service, { headers });
      if (path !== "/services/s1/logs")
        return Response.json({ message: "none" }, { status: 404, headers });
      counts.reads += 1;
      return log(new URL(request.url).searchParams);
    },
  });
  try {
    const engine = await openEngine({ DOCKER_HOST: `unix://${folder.folder}/engine.sock` });
    const over = new AbortController();
    const options = {
      ...{ origin: "/shop", isWanted: () => true, signal: over.signal },
      ...{ tail: undefined, since: undefined, until: undefined },
    };
    const following = followLogs(engine, [source], options, {
      onLine: (_, { text }) => onLine(text),
      onUnreadable: () => (counts.unreadable += 1),
    });
    while (counts.reads === 0) await Bun.sleep(5);
    await Bun.sleep(400);
    const seen = { ...counts };
    over.abort();
    await following;
    return seen;
  } finally {
    await server.stop(true);
  }
}

test("the log of a service that ends while it has tasks is not read again without a pause", async () => {
  const { reads } = await follow(() => new Response("", { headers }));
  // Twice a second at most, instead of thousands of times.
  expect(reads).toBeLessThan(50);
});

test("the log of a service that cannot be read is reported once", async () => {
  const message = "configured logging driver does not support reading";
  const refused = (): Response => Response.json({ message }, { status: 500, headers });
  expect(await follow(refused)).toEqual({ reads: 1, unreadable: 1 });
});

test("a line of a task that has reached the manager after newer ones of another is shown", async () => {
  const frame = (task: string, second: number): Buffer => {
    const details = `com.docker.swarm.node.id=n1,com.docker.swarm.task.id=${task}`;
    const body = `2026-01-31T12:00:0${second}.000000000Z ${details} ${task} ${second}\n`;
    const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt32BE(body.length, 4);
    return Buffer.concat([header, Buffer.from(body)]);
  };
  const shown: string[] = [];
  await follow(
    (query) => {
      const isFirst = query.get("follow") === "true";
      const all = [frame("t1", 1), frame("t1", 3), frame("t2", 4)];
      const sent = isFirst ? [frame("t1", 1), frame("t2", 4)] : all;
      const body = query.get("details") === "true" ? Buffer.concat(sent) : "";
      return new Response(body, { headers });
    },
    (text) => shown.push(text),
  );
  expect(shown).toEqual(["t1 1", "t2 4", "t1 3"]);
});
