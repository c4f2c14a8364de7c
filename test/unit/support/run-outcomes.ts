// Runs the tests of a reyns.ts against an instance that does not answer, and prints the outcome of each.
import { readScript } from "../../../src/project/script/load.ts";
import {
  guardProcess,
  prepareFunction,
  type TestAccess,
} from "../../../src/project/tests/run-function.ts";
import { runTests } from "../../../src/project/tests/run-tests.ts";

const [, , script = ""] = process.argv;

const access: TestAccess = {
  exec: async () => ({ stdout: "", stderr: "", exitCode: 0, instance: "one" }),
  fetch: (_query, _path, { signal }) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => setTimeout(() => reject(signal.reason), 20));
    }),
  url: () => "http://10.0.0.2:80",
  logs: async () => {
    await Bun.sleep(5);
    throw new Error("no logs");
  },
};

using _ = guardProcess(script);
const { tests } = await readScript(script);
const runnables = tests.map((test) => {
  const { run, settled, explain } = prepareFunction(test);
  return {
    name: test.name,
    at: test.at,
    isSkipped: false,
    parallel: test.parallel,
    seconds: test.timeout ?? 60,
    run: async (signal: AbortSignal, begin: () => void) => run(access, signal, begin),
    settled,
    explain: async (error: unknown) => ({ ...(await explain(error)), logs: [] }),
  };
});
const { signal } = new AbortController();
for (const { name, failure } of await runTests(runnables, { jobs: 4, signal, emit: () => {} }))
  console.log(`${name}: ${failure?.message ?? "passed"}`);
