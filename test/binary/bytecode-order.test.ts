// What a call uses of the executable's bytecode stands together, as scripts/bytecode-order.ts has recorded it.
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { createProject } from "./support/project.ts";

setDefaultTimeout(60_000);

const project = await createProject({
  "reyns.ts": `import { bytecodeOrderStats } from "bun:jsc";
import { service } from "reyns";
service("web", { instance: "one", image: "debian:bookworm-slim", command: ["sleep", "999"], init: true });
process.on("exit", () => console.error(\`used \${JSON.stringify(bytecodeOrderStats())}\`));
`,
});
afterAll(() => project[Symbol.asyncDispose]());

/** Functions, by whether they were recorded. */
interface Used {
  readonly hot: number;
  readonly cold: number;
}

test("nine tenths of what a run uses are recorded; else the record has to be made anew", async () => {
  const { stderr } = await project.reyns("run all");
  const used = JSON.parse(/^used (.*)/m.exec(stderr)?.[1] ?? "null") as Used | null;
  if (!used) throw new Error(`laid out by no record:\n${stderr}`);
  expect(used.hot + used.cold).toBeGreaterThan(500);
  expect(used.cold / (used.hot + used.cold)).toBeLessThan(0.1);
});
