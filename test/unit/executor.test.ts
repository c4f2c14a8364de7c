import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { createDnsAccess } from "../../src/runtime/dns/client.ts";
import { executeSteps } from "../../src/runtime/executor/execute.ts";
import type { RuntimeEvent } from "../../src/runtime/events.ts";
import { openEngine } from "../../src/runtime/connect.ts";
import type { Step } from "../../src/model/steps.ts";
import { greetingTo } from "./support/greeting.ts";
import { errorsIn, projectFolder } from "./support/project-folder.ts";

// The order of steps is tested with the simplest of them, which is one request: a tag. What answers is a socket that
// counts, holds requests back and refuses on demand.

const tag = (id: string, ...after: string[]): Step => ({
  kind: "tag-image",
  id,
  after,
  title: id,
  reason: "test",
  image: id,
  tag: `${id}:x`,
});

interface Answering {
  /** Called when a request has come; its answer goes out when this ends. */
  readonly hold?: (id: string) => Promise<void>;
  readonly refuse?: readonly string[];
  readonly onEvent?: (event: string) => void;
  readonly signal?: AbortSignal;
}

async function carryOut(
  steps: readonly Step[],
  { hold, refuse = [], onEvent, signal }: Answering = {},
) {
  await using folder = await projectFolder({});
  const socket = join(folder.folder, "engine.sock");
  const server = Bun.serve({
    unix: socket,
    fetch: async (request) => {
      const greeting = greetingTo(request);
      if (greeting) return greeting;
      const id = /images\/([^/]+)\/tag/.exec(request.url)?.[1] ?? "";
      await hold?.(id);
      return refuse.includes(id)
        ? Response.json({ message: `no ${id}` }, { status: 409 })
        : new Response(null, { status: 201 });
    },
  });
  const events: string[] = [];
  const emit = (event: RuntimeEvent): void => {
    if (!("step" in event)) return;
    events.push(`${event.kind} ${event.step.id}`);
    onEvent?.(`${event.kind} ${event.step.id}`);
  };
  try {
    const engine = await openEngine({ DOCKER_HOST: `unix://${socket}` });
    const context = {
      engine,
      emit,
      signal: signal ?? new AbortController().signal,
      keysFolder: "",
      stateFolder: "",
      dns: createDnsAccess(engine, { origin: "", keysFolder: "" }),
    };
    const thrown = await executeSteps(steps, context).then(
      () => undefined,
      (error: unknown) => error,
    );
    return { events, errors: errorsIn(thrown) };
  } finally {
    await server.stop(true);
  }
}

test("a step begins when the steps before it are done, in any order of the list", async () => {
  const { events, errors } = await carryOut([tag("c", "b"), tag("b", "a", "nowhere"), tag("a")]);
  expect(errors).toEqual([]);
  expect(events).toEqual(["a", "b", "c"].flatMap((id) => [`started ${id}`, `finished ${id}`]));
});

test("independent steps run at the same time, at most twelve", async () => {
  const waiting: (() => void)[] = [];
  const hold = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push(resolve);
    // All twelve slots are taken: one after another is let go.
    if (waiting.length >= 12) for (const go of waiting) go();
    await promise;
  };
  const steps = Array.from({ length: 24 }, (_, index) => tag(`s${index}`));
  const { events } = await carryOut(steps, { hold });
  const atWork = events.map((_, index) => {
    const until = events.slice(0, index + 1);
    return until.length - 2 * until.filter((event) => event.startsWith("finished")).length;
  });
  expect(Math.max(...atWork)).toBe(12);
  expect(events.filter((event) => event.startsWith("finished"))).toHaveLength(24);
});

describe("after a failure", () => {
  test("running steps are completed, no new one begins, and the Engine's error is thrown", async () => {
    const failing = Promise.withResolvers<void>();
    const hold = async (id: string): Promise<void> => {
      if (id === "slow") await failing.promise;
    };
    const onEvent = (event: string): void => {
      if (event === "failed bad") failing.resolve();
    };
    const steps = [tag("bad"), tag("slow"), tag("after-bad", "bad"), tag("after-slow", "slow")];
    const { events, errors } = await carryOut(steps, { hold, onEvent, refuse: ["bad"] });
    expect(events.toSorted()).toEqual([
      "failed bad",
      "finished slow",
      "skipped after-bad",
      "skipped after-slow",
      "started bad",
      "started slow",
    ]);
    expect(errors.map(({ code, message }) => [code, message.includes("no bad")])).toEqual([
      ["ENGINE_REFUSED", true],
    ]);
  });

  test("every failure of several running steps is reported", async () => {
    const both: (() => void)[] = [];
    const hold = async (): Promise<void> => {
      const { promise, resolve } = Promise.withResolvers<void>();
      both.push(resolve);
      if (both.length === 2) for (const go of both) go();
      await promise;
    };
    const { errors } = await carryOut([tag("a"), tag("b")], { hold, refuse: ["a", "b"] });
    expect(errors).toHaveLength(2);
  });
});

test("an interruption lets running steps end, and is reported", async () => {
  const interrupt = new AbortController();
  const hold = async (): Promise<void> => interrupt.abort();
  const { events, errors } = await carryOut([tag("a"), tag("b", "a")], {
    hold,
    signal: interrupt.signal,
  });
  expect(events).toEqual(["started a", "finished a", "skipped b"]);
  expect(errors).toMatchObject([{ code: "INTERRUPTED", exitStatus: 130 }]);
});

test("an empty list does nothing", async () => {
  expect(await carryOut([])).toEqual({ events: [], errors: [] });
});
