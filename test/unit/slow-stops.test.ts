import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Step } from "../../src/model/steps.ts";
import { openEngine } from "../../src/runtime/connect.ts";
import { createDnsAccess } from "../../src/runtime/dns/client.ts";
import type { RuntimeEvent } from "../../src/runtime/events.ts";
import { executeSteps } from "../../src/runtime/executor/execute.ts";
import { greetingTo } from "./support/greeting.ts";
import { errorsIn, projectFolder } from "./support/project-folder.ts";

const ids = Array.from({ length: 30 }, (_, index) => `c${index}`);

const removal = (id: string): Step => ({
  kind: "remove-instance",
  id,
  after: [],
  title: id,
  reason: "test",
  host: id,
  containerId: id,
  temporaryVolume: undefined,
  deregister: undefined,
});

/** The most requests that were open at the same time. */
class Gauge {
  open = 0;
  most = 0;
  async during<Result>(action: () => Promise<Result>): Promise<Result> {
    this.most = Math.max(this.most, (this.open += 1));
    return action().finally(() => (this.open -= 1));
  }
}

interface Stopping {
  /** How a container with this id stops. */
  readonly stop: (id: string) => Promise<Response>;
}

const noContent = (): Response => new Response(null, { status: 204 });

async function removeAll({ stop }: Stopping) {
  await using folder = await projectFolder({});
  const socket = join(folder.folder, "engine.sock");
  const [stops, removals] = [new Gauge(), new Gauge()];
  const removed: string[] = [];
  const phases: string[] = [];
  const emit = (event: RuntimeEvent): void => {
    if (event.kind === "phase") phases.push(`${event.step.id} ${event.phase}`);
  };
  const server = Bun.serve({
    unix: socket,
    fetch: async (request) => {
      const greeting = greetingTo(request);
      if (greeting) return greeting;
      const [, id = "", action] = /containers\/([^/?]+)(\/stop)?/.exec(request.url) ?? [];
      if (action) return stops.during(() => stop(id));
      if (request.method !== "DELETE") return Response.json([]);
      // What goes beside a container, for copies of its folders, is not there.
      if (!ids.includes(id))
        return Response.json({ message: "no such container" }, { status: 404 });
      removed.push(id);
      return removals.during(() => Bun.sleep(5).then(noContent));
    },
  });
  try {
    const engine = await openEngine({ DOCKER_HOST: `unix://${socket}` });
    const dns = createDnsAccess(engine, { origin: "", keysFolder: "" });
    const signal = new AbortController().signal;
    const context = { engine, emit, signal, keysFolder: "", stateFolder: "", dns };
    const thrown = await executeSteps(ids.map(removal), context).then(
      () => undefined,
      (error: unknown) => error,
    );
    return {
      stops: stops.most,
      removals: removals.most,
      removed,
      phases,
      errors: errorsIn(thrown),
    };
  } finally {
    await server.stop(true);
  }
}

describe("removing many containers", () => {
  test("waits for all stops at the same time, and removes eight at a time", async () => {
    const allTold = Promise.withResolvers<void>();
    let told = 0;
    const { stops, removals, removed } = await removeAll({
      stop: async () => {
        told += 1;
        if (told === ids.length) allTold.resolve();
        await allTold.promise;
        return noContent();
      },
    });
    expect(removed.toSorted()).toEqual(ids.toSorted());
    expect(stops).toBe(ids.length);
    expect(removals).toBeLessThanOrEqual(8);
  }, 20_000);

  test("stops eight at a time that end at once", async () => {
    const { stops, removed } = await removeAll({ stop: () => Bun.sleep(10).then(noContent) });
    expect(removed).toHaveLength(ids.length);
    expect(stops).toBeLessThanOrEqual(8);
  });

  test("reports a stop that fails late", async () => {
    const { errors, removed, phases } = await removeAll({
      stop: async (id) => {
        await Bun.sleep(id === "c3" ? 600 : 5);
        return id === "c3" ? Response.json({ message: "stuck" }, { status: 500 }) : noContent();
      },
    });
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining("stuck")]);
    expect(removed).not.toContain("c3");
    expect(phases).toContain("c3 it has not ended yet");
    expect(phases).not.toContain("c3 waiting for the Engine");
  });
});
