// The Engine is a server that is removing the container, or has removed it.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { openEngine, type Engine } from "../../src/runtime/connect.ts";
import { followLogs } from "../../src/runtime/sessions/follow-logs.ts";
import { readLogs } from "../../src/runtime/sessions/logs.ts";
import { greetingTo } from "./support/greeting.ts";
import { projectFolder } from "./support/project-folder.ts";

const source = { id: "65b75a883bdc", host: "api-one", service: "api", instance: "one" };
const sink = { onLine: () => {}, onUnreadable: () => {} };
const refusals = [
  ["is being removed", 409, "can not get logs from container which is dead or marked for removal"],
  ["is gone", 404, "No such container: 65b75a883bdc"],
] as const;

async function withRefusal(
  status: number,
  message: string,
  use: (engine: Engine) => Promise<void>,
): Promise<void> {
  await using folder = await projectFolder({});
  const unix = join(folder.folder, "engine.sock");
  const headers = { "Api-Version": "1.41" };
  const server = Bun.serve({
    unix,
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      const events = new ReadableStream({ start: (stream) => stream.enqueue("\n") });
      if (pathname.endsWith("/events")) return new Response(events, { headers });
      const answered = pathname.endsWith("/logs") ? status : 404;
      return greetingTo(request) ?? Response.json({ message }, { status: answered, headers });
    },
  });
  try {
    await use(await openEngine({ DOCKER_HOST: `unix://${unix}` }));
  } finally {
    await server.stop(true);
  }
}

test.each(["dead", "removing"])(
  "the log of a container that is %s is missing with a reason",
  async (state) => {
    const told: string[] = [];
    const onUnreadable = (_: unknown, reason: string): void => void told.push(reason);
    await withRefusal(409, "dead or marked for removal", async (engine) => {
      const signal = new AbortController().signal;
      const range = { tail: undefined, since: undefined, until: undefined };
      const options = { origin: "/shop", isWanted: () => true, signal, ...range };
      const dead = { ...source, state };
      await readLogs(engine, [dead], {}, { ...sink, onUnreadable });
      await followLogs(
        engine,
        [dead],
        { ...options, ending: AbortSignal.abort() },
        { ...sink, onUnreadable },
      );
    });
    const reason = `its container is being removed, or its removal failed (${state}); if it stays, run: reyns clean api one`;
    expect(told).toEqual([reason, reason]);
  },
);

describe.each(refusals)("the log of a container that %s", (_, status, message) => {
  test("has ended for those who follow it", async () => {
    await withRefusal(status, message, async (engine) => {
      const signal = new AbortController().signal;
      const ending = AbortSignal.abort();
      const range = { tail: undefined, since: undefined, until: undefined };
      const options = { origin: "/shop", isWanted: () => true, signal, ending, ...range };
      expect(await followLogs(engine, [source, source], options, sink)).toBeUndefined();
    });
  });

  test("has no lines for those who read it", async () => {
    await withRefusal(status, message, async (engine) => {
      expect(await readLogs(engine, [source], {}, sink)).toBeUndefined();
    });
  });
});
