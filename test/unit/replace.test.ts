// The Engine is a server that records what it is asked for.
import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "../../src/runtime/connect.ts";
import type { StepContext } from "../../src/runtime/context.ts";
import { createDnsAccess } from "../../src/runtime/dns/client.ts";
import { replaceContainer } from "../../src/runtime/instances/replace.ts";
import { greetingTo } from "./support/greeting.ts";
import { plan, projectOf, startOf } from "./support/planning.ts";

const step = {
  ...startOf(plan(projectOf([{ service: "web", instance: "one" }])).steps, "web-one"),
  predecessor: "former",
};

interface Replacement {
  readonly calls: readonly string[];
  /** The code of the error that it ended with. */
  readonly code: string | undefined;
}

async function replaceWith(
  startNew: (onStarted: (id: string) => Promise<void>) => Promise<string>,
  refused = "",
  restart = "no",
): Promise<Replacement> {
  const socket = join(tmpdir(), `reyns-replace-${process.pid}.sock`);
  const calls: string[] = [];
  let name = step.spec.name;
  const server = Bun.serve({
    unix: socket,
    fetch: async (request) => {
      const greeting = greetingTo(request);
      if (greeting) return greeting;
      const { pathname, searchParams } = new URL(request.url);
      const call = `${request.method} ${pathname.replace(/^\/v[\d.]+\/containers\//, "")}`;
      if (request.method === "GET") return Response.json(detailsOf(name, restart));
      const body = await request.text();
      const policy = /"Name":"([a-z-]+)"/.exec(body)?.[1];
      calls.push(policy === undefined ? call : `${call} ${policy}`);
      name = searchParams.get("name") ?? name;
      return call === refused
        ? Response.json({ message: "device busy" }, { status: 500 })
        : new Response(null, { status: 204 });
    },
  });
  try {
    const engine = await openEngine({ DOCKER_HOST: `unix://${socket}` });
    const keysFolder = join(tmpdir(), "no-keys");
    const context: StepContext = {
      engine,
      keysFolder,
      stateFolder: keysFolder,
      emit: () => {},
      signal: new AbortController().signal,
      dns: createDnsAccess(engine, { origin: tmpdir(), keysFolder }),
      jobs: undefined,
      holdExit: () => {},
      markRestored: () => {},
      markStarted: () => {},
      waitAside: (pending) => pending,
    };
    const code = await replaceContainer(step, context, startNew).then(
      () => undefined,
      (error: unknown) => (error as { code?: string }).code,
    );
    return { calls, code };
  } finally {
    await server.stop(true);
  }
}

function detailsOf(name: string, restart: string): object {
  const HostConfig = { RestartPolicy: { Name: restart, MaximumRetryCount: 0 } };
  const State = { Running: false, Restarting: false, ExitCode: 0, StartedAt: "" };
  return { Name: `/${name}`, State, RestartCount: 0, Config: {}, Mounts: [], HostConfig };
}

const started = async (onStarted: (id: string) => Promise<void>): Promise<string> => {
  await onStarted("new");
  return "10.0.0.2";
};

test("the former container is renamed before it stops, and removed at the end", async () => {
  const { calls, code } = await replaceWith(started);
  expect(calls).toEqual(["POST former/rename", "POST former/stop", "DELETE former"]);
  expect(code).toBeUndefined();
});

test("a new container that fails is removed, and the former one starts again", async () => {
  const { calls } = await replaceWith(async (onStarted) => {
    await onStarted("new");
    throw new Error("not ready");
  });
  expect(calls.slice(2)).toEqual(["DELETE new", "POST former/rename", "POST former/start"]);
});

test("a former container that cannot be removed costs no new one that is ready", async () => {
  const { calls, code } = await replaceWith(started, "DELETE former");
  expect(calls).toEqual(["POST former/rename", "POST former/stop", "DELETE former"]);
  expect(code).toBe("ENGINE_REFUSED");
});

test.each(["always", "unless-stopped", "on-failure"])(
  "a former container with the restart policy %s has none while it is kept",
  async (restart) => {
    const { calls } = await replaceWith(started, "", restart);
    expect(calls).toEqual([
      "POST former/rename",
      "POST former/stop",
      "POST former/update no",
      "DELETE former",
    ]);
    const failing = await replaceWith(
      async (onStarted) => {
        await onStarted("new");
        throw new Error("not ready");
      },
      "",
      restart,
    );
    expect(failing.calls.slice(2)).toEqual([
      "POST former/update no",
      `POST former/update ${restart}`,
      "DELETE new",
      "POST former/rename",
      "POST former/start",
    ]);
  },
);

test("an Engine that cannot change a restart policy replaces all the same", async () => {
  const { calls, code } = await replaceWith(started, "POST former/update", "always");
  expect(calls.at(-1)).toBe("DELETE former");
  expect(code).toBeUndefined();
});
