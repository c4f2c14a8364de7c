// The Engine is a server that says one thing after the other of a service.
import { describe, expect, test } from "bun:test";
import { healthLimitOf } from "../../src/docker/containers/containers.ts";
import { editService, rollBackUpdate } from "../../src/docker/services/services.ts";
import { waitForTasks, type AwaitedService } from "../../src/runtime/swarm/wait.ts";
import { whileServiceRuns } from "../../src/runtime/sessions/follow-service.ts";
import { swarmEngine, type Scene, type SceneTask } from "./support/swarm-engine.ts";

const up = { id: "up", state: "running" };
const ended = (id: string): SceneTask => ({ id, state: "failed", desired: "shutdown" });

/** How a wait ends: "done", or its error. */
async function outcome(
  scenes: readonly Scene[],
  awaited: Pick<AwaitedService, "change" | "update"> & { readonly timeout?: number },
): Promise<string> {
  await using swarm = await swarmEngine(scenes);
  const { engine } = swarm;
  const signal = new AbortController().signal;
  const service = { id: "s1", host: "api-one", timeout: undefined, ...awaited };
  return await waitForTasks(service, { engine, signal, onPhase: () => {} }).then(
    () => "done",
    (error: unknown) => (error as Error).message,
  );
}

const wentBack = "api-one: the update failed, and the former version serves again";

describe("the wait for the tasks of a service", () => {
  const healthy = { tasks: [up, ended("a"), ended("b"), ended("c")] };

  test.each([undefined, "completed", "rollback_completed"])(
    "is over for one that runs, whatever has ended before this call (%s)",
    async (state) => {
      const scene: Scene = state === undefined ? healthy : { ...healthy, state };
      expect(await outcome([scene], { change: "none" })).toBe("done");
    },
  );

  test("goes on for one that this call leaves alone while a task is missing", async () => {
    const missing = { tasks: [ended("a"), ended("b"), ended("c")] };
    expect(await outcome([{ tasks: [] }, missing, healthy], { change: "none" })).toBe("done");
  });

  test("fails when tasks of one place end again and again", async () => {
    const first = { tasks: [ended("old"), ended("older")] };
    const starting = { id: "d", state: "starting" };
    const again = { tasks: [starting, ...first.tasks, ended("a")] };
    const often = { tasks: [...again.tasks, ended("b")] };
    const created = { change: "created", update: 0 } as const;
    expect(await outcome([first, again, often], created)).toStartWith(
      "api-one: its tasks end again and again",
    );
    expect(await outcome([first, again, { tasks: [...again.tasks, up] }], created)).toBe("done");
  });

  test("fails when an update that another call has begun is rolled back", async () => {
    const updating = { state: "updating", forceUpdate: 5, tasks: [up] };
    const back = { state: "completed", forceUpdate: 4, tasks: [up] };
    expect(await outcome([updating, back], { change: "none" })).toStartWith(wentBack);
    expect(await outcome([updating, { ...updating, state: "completed" }], { change: "none" })).toBe(
      "done",
    );
  });

  test("fails when Swarm was going back at the first look", async () => {
    const going = { state: "rollback_started", forceUpdate: 4, tasks: [] };
    const back = { state: "rollback_completed", forceUpdate: 4, tasks: [up] };
    expect(await outcome([going, back], { change: "none" })).toStartWith(wentBack);
  });

  test("says why the update failed, not how the former version fares", async () => {
    const tasks = [up, { ...ended("new"), state: "rejected", forceUpdate: 5 }];
    const back = { state: "rollback_completed", forceUpdate: 4, tasks };
    expect(await outcome([back], { change: "updated", update: 5 })).toBe(`${wentBack}: rejected`);
  });
});

test("a health check counts for how long tasks are waited for, unless it is switched off", () => {
  expect(healthLimitOf({ Test: ["CMD", "true"] })).toBe(240);
  expect(healthLimitOf({ Test: ["NONE"] })).toBe(0);
});

describe("a service that Swarm changes meanwhile", () => {
  test("is read again before it is changed", async () => {
    await using swarm = await swarmEngine([{ replicas: 1 }, { replicas: 2 }, { replicas: 3 }], 2);
    const seen: number[] = [];
    const edited = await editService(swarm.engine, "s1", ({ spec }) => {
      seen.push(spec.Mode.Replicated.Replicas);
      return spec;
    });
    expect(seen).toEqual([1, 2, 3]);
    expect(edited?.former.spec.Mode.Replicated.Replicas).toBe(3);
    expect(swarm.posted.map(({ path }) => path)).toEqual(
      [1, 2, 3].map((version) => `/services/s1/update?version=${version}`),
    );
  });

  test("is not rolled back once its update is over", async () => {
    await using swarm = await swarmEngine([{ state: "updating" }, { state: "completed" }], 1);
    await rollBackUpdate(swarm.engine, "s1");
    expect(swarm.posted.map(({ path }) => path)).toEqual([
      "/services/s1/update?version=1&rollback=previous",
    ]);
  });

  test("is not changed when it is gone", async () => {
    await using swarm = await swarmEngine([{}]);
    expect(await editService(swarm.engine, "other", ({ spec }) => spec)).toBeUndefined();
    expect(swarm.posted).toEqual([]);
  });
});

test("the log of a service is followed until it is stopped and its tasks have ended", async () => {
  const stopping = { replicas: 0, tasks: [{ ...up, desired: "shutdown" }] };
  await using swarm = await swarmEngine([
    { tasks: [up] },
    stopping,
    { replicas: 0, tasks: [ended("up")] },
  ]);
  const never = new AbortController().signal;
  let isEnded = false;
  await whileServiceRuns(swarm.engine, "s1", never, async (signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    isEnded = true;
  });
  expect(isEnded).toBe(true);
});

test("of a service that is stopped, no log is followed", async () => {
  await using swarm = await swarmEngine([{ replicas: 0 }]);
  const never = new AbortController().signal;
  await whileServiceRuns(swarm.engine, "s1", never, () => Promise.reject(new Error("followed")));
});
