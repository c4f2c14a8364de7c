// The executable compiles late, except for what runs long: counted by what JavaScriptCore says that it has compiled.
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { createProject } from "./support/project.ts";

setDefaultTimeout(60_000);

// At once, not beside it, where it would depend on what else the machine does.
const env = { BUN_JSC_useConcurrentJIT: "0", BUN_JSC_reportCompileTimes: "1" };

const project = await createProject({
  "reyns.ts": `import { service, task } from "reyns";
const sum = (n) => { let s = 0; for (let i = 0; i < n; i++) s += i % 7; return s; };
if (sum(20_000) !== 59_997) throw new Error("20,000 rounds are wrong");
for (let i = 0; i < 100; i++) service("web", { instance: \`i\${i}\`, image: "debian:bookworm-slim" });
service("large", { instance: "one" });
task("sum", "Adds", async () => void sum(20_000));
`,
  "services/large/Dockerfile": "FROM scratch\nCOPY . /\n",
});
afterAll(() => project[Symbol.asyncDispose]());

/** Compiled all the same, such as what searches a definition's text. With the usual policy `check` has 643. */
const few = 5;

async function compiledBy(line: string): Promise<number> {
  const { status, stdout, stderr } = await project.reyns(line, { env });
  if (status !== 0) throw new Error(`reyns ${line}: status ${status}\n${stderr}`);
  return `${stdout}${stderr}`.match(/^Optimized .*/gm)?.length ?? 0;
}

test("what is done for a hundred instances is hardly compiled", async () => {
  for (const line of ["check", "graph", "ps all"])
    expect(await compiledBy(line)).toBeLessThanOrEqual(few);
});

test("a task is", async () => {
  expect(await compiledBy("do sum")).toBeGreaterThan(few);
});

test("what packs more than a thousand files is, and what packs a few is not", async () => {
  await project.write({ "services/large/one": "" });
  expect(await compiledBy("build large")).toBeLessThanOrEqual(few);
  const names = Array.from({ length: 1001 }, (_, number) => `services/large/files/${number}`);
  await project.write(Object.fromEntries(names.map((name) => [name, ""])));
  expect(await compiledBy("build large")).toBeGreaterThan(few);
});
