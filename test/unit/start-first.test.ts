import { expect, test } from "bun:test";
import { join } from "node:path";
import { openEngine } from "../../src/runtime/connect.ts";
import { createDnsAccess } from "../../src/runtime/dns/client.ts";
import type { RuntimeEvent } from "../../src/runtime/events.ts";
import { replaceStartFirst } from "../../src/runtime/instances/start-first.ts";
import { greetingTo } from "./support/greeting.ts";
import { plan, projectOf, startsOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

test("the time in which a container without a route stops is shown as that of its requests", async () => {
  await using folder = await projectFolder({});
  const socket = join(folder.folder, "engine.sock");
  const server = Bun.serve({
    unix: socket,
    fetch: (request) => {
      const missing = Response.json({ message: "no such container" }, { status: 404 });
      return greetingTo(request) ?? (request.method === "GET" ? missing : new Response(null));
    },
  });
  try {
    const engine = await openEngine({ DOCKER_HOST: `unix://${socket}` });
    const [step] = startsOf(plan(projectOf([{ service: "web", image: "web" }])).steps);
    if (!step) throw new Error("nothing is started");
    const phases: string[] = [];
    const context = {
      ...{ engine, keysFolder: "", stateFolder: "", signal: new AbortController().signal },
      dns: createDnsAccess(engine, { origin: "", keysFolder: "" }),
      emit: (event: RuntimeEvent) => void ("phase" in event && phases.push(event.phase)),
      ...{ holdExit: () => {}, markRestored: () => {}, markStarted: () => {} },
      waitAside: <Result>(pending: Promise<Result>): Promise<Result> => pending,
    };
    const replaced = { ...step, predecessor: "former", register: undefined, routed: undefined };
    await replaceStartFirst(replaced, context, {
      startNew: async (_, onStarted) => (onStarted("new"), "10.0.0.2"),
      onServing: async () => {},
    });
    expect(phases).toEqual(["stopping the former container"]);
  } finally {
    await server.stop(true);
  }
});
