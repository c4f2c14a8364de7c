// A long command starts anew, in its own place, to be compiled late: nothing but its clock may tell.
import { afterAll, expect, test } from "bun:test";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../engine/support/images-container.ts";
import { createProject } from "./support/project.ts";
import { call, installation } from "./support/reyns.ts";

const variable = "BUN_JSC_thresholdForJITAfterWarmUp";

/** What a process began with, as Linux has it; and what is passed on. */
const project = await createProject({
  "reyns.ts": `import { $, task } from "reyns";
import { readFileSync } from "node:fs";
const began = (file) => readFileSync("/proc/self/" + file, "utf8").split("\\0").slice(0, -1);
const told = () => began("environ").some((line) => line.startsWith("${variable}="));
const passedOn = [JSON.stringify(process.env), (await $\`env\`).stdout];
console.log(JSON.stringify({ pid: process.pid, told: told(), words: began("cmdline"), passedOn }));
task("told", "Whether it is compiled late", async () => void console.log(told()));
`,
});
afterAll(() => project[Symbol.asyncDispose]());

test("it starts anew with its number and its words, and what it starts is not told", async () => {
  const { output, pid } = await call(project.folder, ["check"]);
  const { executable } = await installation();
  const [line = ""] = (await output).stdout.split("\n");
  const { passedOn, ...seen } = JSON.parse(line) as { passedOn: string[] };
  expect(seen as unknown).toEqual({ pid, told: true, words: [executable, "check"] });
  expect(passedOn.join("\n")).not.toContain(variable);
});

test("a task is compiled as usual", async () => {
  expect(await project.must("do told")).toEndWith("false");
});

test("words arrive as they were written", async () => {
  const odd = ["", 'c"\nd', "ü e", "$HOME", "*"];
  const { stderr } = await project.reyns(["run", "a", "b", ...odd]);
  for (const word of odd) expect(stderr).toContain(`one word too many: "${word}"`);
});

test("an executable that has gone since goes on as it is", async () => {
  const { executable } = await installation();
  await copyFile(executable, join(project.folder, "gone"));
  const script = `cd ${project.folder}; exec 3< gone; rm gone; exec /proc/self/fd/3 check`;
  const { stdout } = await run(["sh", "-c", script]);
  expect(JSON.parse(stdout.split("\n")[0] ?? "")).toMatchObject({ told: false });
});
