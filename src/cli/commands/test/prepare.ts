import { ReynsError, ReynsErrors, type Place } from "../../../errors.ts";
import type { Project } from "../../../model/project.ts";
import type { TestFailure } from "../../../model/tests.ts";
import { prepareFunction } from "../../../project/tests/run-function.ts";
import type { RunnableTest } from "../../../project/tests/run-tests.ts";
import type { DefinedTest } from "../../../project/tests/select-tests.ts";
import { connectTest, type TestConnection } from "./access.ts";
import { runTestInstance, type PlatformOptions } from "./platform.ts";

interface PrepareOptions extends PlatformOptions {
  /** The project as the copy has it. */
  readonly project: Project;
  /** The limit of tests without one of their own. */
  readonly seconds: number;
}

/** Tests that are ready to run, and what is left to wait for once they have. */
export interface PreparedTests {
  readonly tests: readonly RunnableTest[];
  /** Resolves when what interrupted tests have run in instances is dead. */
  readonly killed: () => Promise<unknown>;
}

export function prepareTests(
  defined: readonly DefinedTest[],
  options: PrepareOptions,
): PreparedTests {
  const connections: TestConnection[] = [];
  const tests = defined.map((one) =>
    one.kind === "function" ? functionTest(one, options, connections) : instanceTest(one, options),
  );
  return { tests, killed: async () => Promise.all(connections.map(({ killed }) => killed())) };
}

function functionTest(
  { test }: DefinedTest & { kind: "function" },
  { project, seconds }: PrepareOptions,
  connections: TestConnection[],
): RunnableTest {
  const { name, at, mode, parallel, timeout = seconds } = test;
  const prepared = prepareFunction(test);
  let connection: TestConnection | undefined;
  return {
    name,
    at,
    isSkipped: mode === "skip",
    parallel,
    seconds: timeout,
    run: async (signal, begin) => {
      connection = await connectTest(project, signal);
      connections.push(connection);
      await prepared.run(connection.access, signal, begin);
    },
    settled: prepared.settled,
    explain: async (error) => {
      const failure = await prepared.explain(error);
      return { ...failure, logs: connection ? await logsOf(connection) : [] };
    },
  };
}

/** What is shown besides a failure must not hide it. */
async function logsOf(connection: TestConnection): Promise<TestFailure["logs"]> {
  try {
    return await connection.readLogs();
  } catch {
    return [];
  }
}

/** Its limit is that of the run: pulling and building its image do not count. */
function instanceTest(
  { name, mode, definition }: DefinedTest & { kind: "instance" },
  options: PrepareOptions,
): RunnableTest {
  const { at } = definition;
  let running: Promise<void> = Promise.resolve();
  return {
    name,
    at,
    isSkipped: mode === "skip",
    parallel: false,
    seconds: undefined,
    run: async () => {
      running = runTestInstance(definition, options, options.seconds);
      await running;
    },
    settled: () => running.catch(() => {}),
    explain: async (error) => instanceFailure(error, at),
  };
}

function instanceFailure(thrown: unknown, at: Place): TestFailure {
  const errors = thrown instanceof ReynsErrors ? thrown.errors : [thrown];
  const [first] = errors;
  if (!(first instanceof ReynsError)) throw thrown;
  const message = errors.map((error) => (error as Error).message).join("\n");
  // That of a failed job is about what depends on it.
  const hint = first.code === "JOB_FAILED" ? undefined : first.hint;
  return { message, at, hint, output: first.output, logs: [] };
}
