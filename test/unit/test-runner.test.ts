// Tests of a project: how they are defined, chosen and run.
import { expect, test } from "bun:test";
import type { TestEvent } from "../../src/model/tests.ts";
import { runTests, type RunnableTest } from "../../src/project/tests/run-tests.ts";
import { errorsIn } from "./support/project-folder.ts";

interface Timeline {
  readonly log: string[];
  readonly emit: (event: TestEvent) => void;
}

function timeline(): Timeline {
  const log: string[] = [];
  const emit = (event: TestEvent): void =>
    void log.push(
      event.kind === "started" ? `+${event.name}` : `-${event.result.name} ${event.result.status}`,
    );
  return { log, emit };
}

function runnable(name: string, given: Partial<RunnableTest> = {}): RunnableTest {
  return {
    name,
    at: { file: "/p/reyns.ts", line: 1 },
    isSkipped: false,
    parallel: false,
    seconds: 60,
    run: async () => {},
    settled: async () => {},
    explain: async (error) => ({
      message: (error as Error).message,
      at: undefined,
      hint: undefined,
      output: [],
      logs: [],
    }),
    ...given,
  };
}

const { signal } = new AbortController();

test("tests run one after the other, and neighbours that are parallel together", async () => {
  const { log, emit } = timeline();
  const both = Promise.withResolvers<void>();
  const results = await runTests(
    [
      runnable("a"),
      runnable("b", { parallel: true, run: () => both.promise }),
      runnable("c", { parallel: true, run: async () => both.resolve() }),
      runnable("d", { isSkipped: true }),
      runnable("e", { run: () => Promise.reject(new Error("wrong")) }),
    ],
    { jobs: 2, signal, emit },
  );
  expect(log.slice(0, 4)).toEqual(["+a", "-a passed", "+b", "+c"]);
  expect(log.slice(6)).toEqual(["-d skipped", "+e", "-e failed"]);
  expect(results.map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e"]);
  expect(results[4]?.failure?.message).toBe("wrong");
});

test("with jobs: 1, parallel tests run one after the other", async () => {
  const { log, emit } = timeline();
  const parallel = ["a", "b"].map((name) => runnable(name, { parallel: true }));
  await runTests(parallel, { jobs: 1, signal, emit });
  expect(log).toEqual(["+a", "-a passed", "+b", "-b passed"]);
});

test("a test that never ends fails at its deadline, which preparing it does not bring closer", async () => {
  let ended: AbortSignal | undefined;
  const never = async (given: AbortSignal, begin: () => void): Promise<void> => {
    ended = given;
    await Bun.sleep(30);
    expect(given.aborted).toBe(false);
    begin();
    await new Promise(() => {});
  };
  const [first, second] = await runTests(
    [runnable("a", { run: never, seconds: 0.01 }), runnable("b")],
    { jobs: 4, signal, emit: () => {} },
  );
  expect(first?.failure?.message).toBe("timed out after 0.01 s");
  expect(ended?.aborted).toBe(true);
  expect(second?.status).toBe("passed");
});

test("an interruption ends the running test, and runs no other", async () => {
  const { log, emit } = timeline();
  const interrupt = new AbortController();
  const run = async (): Promise<void> => {
    interrupt.abort();
    await new Promise(() => {});
  };
  const running = runTests([runnable("a", { run }), runnable("b")], {
    jobs: 4,
    signal: interrupt.signal,
    emit,
  });
  const [error] = errorsIn(await running.catch((thrown: unknown) => thrown));
  expect(error).toMatchObject({ code: "INTERRUPTED", exitStatus: 130 });
  expect(log).toEqual(["+a"]);
});

test("an interruption waits for what has begun", async () => {
  const interrupt = new AbortController();
  const over: string[] = [];
  const slow = (name: string): RunnableTest => {
    const ends = Promise.withResolvers<void>();
    const run = async (given: AbortSignal): Promise<void> => {
      given.addEventListener("abort", () => setTimeout(() => ends.resolve(), 20));
      if (name === "b") interrupt.abort();
      await new Promise(() => {});
    };
    const settled = async (): Promise<void> => {
      await ends.promise;
      over.push(name);
    };
    return runnable(name, { run, settled, parallel: true });
  };
  const options = { jobs: 4, signal: interrupt.signal, emit: () => {} };
  await runTests([slow("a"), slow("b")], options).catch(() => {});
  expect(over).toEqual(["a", "b"]);
});

test("a timeout longer than any timer does not end the test at once", async () => {
  const run = async (_: AbortSignal, begin: () => void): Promise<void> => {
    begin();
    await Bun.sleep(20);
  };
  const tests = [runnable("a", { run, seconds: 2 ** 31 })];
  const [result] = await runTests(tests, { jobs: 1, signal, emit: () => {} });
  expect(result?.status).toBe("passed");
});
