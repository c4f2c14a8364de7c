import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyedParts, labels } from "../../src/model/labels.ts";
import { changedParts } from "../../src/plan/changed-parts.ts";
import { listPrivileges } from "../../src/plan/check-plan.ts";
import { openHooks, sealHooks } from "../../src/runtime/instances/hooks.ts";
import { ensureKeys } from "../../src/runtime/keys/store.ts";
import { planClean, planRestart, planStop } from "../../src/plan/lifecycle-plan.ts";
import { observed, plan, started, startOf } from "./support/planning.ts";
import { projectFolder } from "./support/project-folder.ts";

const script = (options: string): string =>
  `import { service } from "reyns";\nservice("web", { image: "i", ${options} });\n`;

async function planOf(options: string) {
  await using folder = await projectFolder({ "reyns.ts": script(options) });
  const project = await folder.read();
  return { project, step: startOf(plan(project).steps, "web-one") };
}

const shell = (line: string): object => ({ command: ["/bin/sh", "-c", line] });

describe("what is executed", () => {
  test.each([
    ['"echo up"', [shell("echo up")]],
    ['["echo", "up"]', [{ command: ["echo", "up"] }]],
    [
      '{ command: "x", user: 7, workingDir: "/srv", env: { A: 1 }, privileged: true }',
      [{ ...shell("x"), user: "7", workingDir: "/srv", env: { A: "1" }, privileged: true }],
    ],
    ['["x", { command: ["y"] }]', [shell("x"), { command: ["y"] }]],
    ['[["x", "1"], ["y", "2"]]', [{ command: ["x", "1"] }, { command: ["y", "2"] }]],
    ["[{ command: 'x' }]", [shell("x")]],
  ])("%s", async (given, hooks) => {
    const { step } = await planOf(`postStart: ${given}, preStop: ${given}`);
    expect(step.spec.hooks).toEqual({ postStart: hooks, preStop: hooks } as never);
  });

  test("nothing, where nothing is given: the definition is as before", async () => {
    const { step } = await planOf("preStop: []");
    expect("hooks" in step.spec).toBe(false);
  });

  test("a privileged command is listed among an instance's privileges", async () => {
    const { project } = await planOf('preStop: { command: "x", privileged: true }');
    expect(listPrivileges(project)).toEqual([
      { host: "web-one", privileges: ["privileged commands"] },
    ]);
  });
});

describe("mistakes at their places", () => {
  test.each([
    ["postStart: 3", "postStart is 3 | accepted: a line for the shell"],
    ['postStart: ""', "postStart.command is"],
    ["postStart: [[]]", "postStart.command is a list | accepted: a command"],
    ["preStop: { user: 1 }", '"preStop.command" is missing'],
    ['preStop: { command: "x", environment: {} }', 'unknown key "environment"'],
    ['preStop: [{ command: "x", privileged: "yes" }]', 'preStop.privileged is "yes"'],
    ['pre_stop: "x"', "write it as preStop"],
    ['preStart: "x"', "use a job(), and after: [job] here"],
  ])("%s", async (options, message) => {
    await using folder = await projectFolder({ "reyns.ts": script(options) });
    const [mistake, ...more] = await folder.mistakes();
    expect(mistake).toMatch(/^reyns.ts:2:[3-9]\d /);
    expect(mistake).toContain(message);
    expect(more).toEqual([]);
  });
});

test("changed commands are a change of the definition, and no text of them is in a label", async () => {
  const digestSecret = (value: string): string => `keyed ${Bun.hash(value)}`;
  const [old, now] = [await planOf('preStop: "old-4711"'), await planOf('postStart: "new-4712"')];
  const stated = JSON.parse(old.step.spec.labels[labels.definition] ?? "") as object;
  const definition = JSON.stringify({ ...stated, ...keyedParts(old.step.spec, digestSecret) });
  const context = {
    project: now.project,
    observed: observed({ digestSecret }),
    missing: [],
    isDefined: () => false,
  };
  const changesTo = (step: typeof now.step): string[] =>
    changedParts(started(old.step, { definition }), step, context);
  expect(changesTo(now.step).toSorted()).toEqual(["postStart", "preStop"]);
  expect(changesTo(old.step)).toEqual([]);
  expect(JSON.stringify(now.step.spec.labels)).not.toContain("new-4712");
});

test("every stop of an instance has the hooks of its own container", async () => {
  const { step } = await planOf('preStop: "x"');
  const existing = started(step, { hooks: "sealed" });
  const { steps } = plan((await planOf('preStop: "y"')).project, {
    observed: observed({ instances: [existing], digestSecret: (value) => value }),
  });
  expect(startOf(steps, "web-one").formerHooks).toBe("sealed");
  const other = [
    ...planStop([existing], [existing]),
    ...planClean([existing], [existing], []),
    ...planRestart([existing]),
  ];
  expect(other.map((one) => "hooks" in one && one.hooks)).toEqual(["sealed", "sealed", "sealed"]);
});

test("recorded hooks are opened with the project's keys only", async () => {
  const [own, others] = await Promise.all(
    [0, 1].map(() => mkdtemp(join(tmpdir(), "reyns-hooks-"))),
  );
  try {
    const folders = [join(own ?? "", "keys"), join(others ?? "", "keys")] as const;
    for (const folder of folders) await ensureKeys(folder);
    const hooks = { postStart: [], preStop: [{ command: ["drain-4711"] }] };
    const sealed = await sealHooks(hooks, 3, folders[0]);
    expect(sealed).not.toContain("drain-4711");
    const warnings: string[] = [];
    const open = (keysFolder: string) =>
      openHooks(
        { host: "web-one", hooks: sealed },
        { keysFolder, emit: (event) => void warnings.push(event.kind) },
      );
    expect(await open(folders[0])).toEqual({ ...hooks, gracePeriod: 3 });
    expect(warnings).toEqual([]);
    expect(await open(folders[1])).toBeUndefined();
    expect(warnings).toEqual(["warning"]);
  } finally {
    for (const folder of [own, others]) await rm(folder ?? "", { recursive: true });
  }
});
