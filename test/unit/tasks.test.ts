import { describe, expect, test } from "bun:test";
import { parseOptions } from "../../src/cli/args/parse.ts";
import { tokenize } from "../../src/cli/args/tokenize.ts";
import { collectUnhandledRejections } from "../../src/project/script/pending-work.ts";
import { findProject } from "../../src/project/locate.ts";
import { readTasks, runTask, findTask, type RunExec } from "../../src/project/tasks.ts";
import { errorsIn, projectFolder, rejectedBy } from "./support/project-folder.ts";

const command = {
  name: "do",
  args: {
    task: { type: "positional", required: false },
    json: { type: "boolean", alias: "jsonout" },
  },
  passesUnknownKeys: true,
} as const;

describe("undefined keys are passed to the task", () => {
  const calls: [string, Record<string, string>, Record<string, boolean>][] = [
    ["do migrate", {}, {}],
    ["do migrate to=12 dryRun=no", { to: "12", dryRun: "no" }, {}],
    ["do:migrate,to=12,dry_run=True", { to: "12", dry_run: "True" }, {}],
    ["do --to 12 migrate", { to: "12" }, {}],
    ["do migrate --fast", { fast: "true" }, {}],
    ["do migrate --jsonout to=1", { to: "1" }, { json: true }],
    ["do migrate json", {}, { json: true }],
    ["do migrate __proto__=1", JSON.parse('{ "__proto__": "1" }') as Record<string, string>, {}],
  ];
  test.each(calls)("%s", async (line, expected, own) => {
    const { options, passthrough } = await parseOptions(tokenize(line.split(" ")), command);
    expect(passthrough).toEqual(expected);
    expect(options).toEqual({ task: "migrate", ...own });
  });

  test("arguments without a key and keys with two values are rejected", async () => {
    const call = tokenize("do migrate fast to=1 to=2".split(" "));
    const errors = await rejectedBy(parseOptions(call, command));
    expect(errors.map(({ message }) => message)).toEqual([
      "to has two different values",
      'unexpected argument "fast"',
    ]);
    expect(errors[1]?.hint).toStartWith("did you mean fast=true?");
  });
});

describe("invalid tasks are reported at their places", () => {
  const form = 'write task("NAME", "DESCRIPTION",';
  const wrong: [string, string][] = [
    ["task();", `task() needs a name | ${form}`],
    ['task("");', `task() needs a name | ${form}`],
    ['task("a b", "x", () => {});', 'invalid task name "a b" | use letters, digits,'],
    [
      'task("json", "x", () => {});',
      'invalid task name "json": it is a key of "reyns do" | choose',
    ],
    ['task("a", () => {});', 'task "a" needs a description | write'],
    ['task("a", "x");', 'task "a" needs a function | write'],
    [
      'task("a", "x", () => {}); task("a", "y", () => {});',
      'task "a" is defined twice, first at reyns.ts:2 | rename one of them',
    ],
  ];
  test.each(wrong)("%s", async (code, message) => {
    await using project = await projectFolder({
      "reyns.ts": `import { task } from "reyns";\n  ${code}`,
    });
    const [mistake = ""] = await project.mistakes();
    expect(mistake).toStartWith(`reyns.ts:2:${code.lastIndexOf("task(") + 3} ${message}`);
  });
});

interface Outcome {
  readonly result: unknown;
  readonly unread: readonly string[];
  readonly shown: string;
  readonly errors: readonly object[];
}

/** Runs the task "it" of a definition. */
async function outcomeOf(
  body: string,
  args: Record<string, string> = {},
  exec: RunExec = () => Promise.reject(new Error("no instance")),
): Promise<Outcome> {
  await using project = await projectFolder({
    "reyns.ts": `import { task } from "reyns";\ntask("it", "does it", async ({ $, exec, args }) => {\n${body}\n});`,
  });
  const { folder } = project;
  const task = findTask(await readTasks(await findProject(folder, {})), "it");
  let shown = "";
  const show = (_: string, text: Uint8Array | string): void => void (shown += text.toString());
  const interrupt = new AbortController();
  try {
    const ended = await runTask(task, { folder, args, exec, show, interrupt });
    return { ...ended, shown, errors: [] };
  } catch (error) {
    const errors = errorsIn(error).map(({ code, message, output, at }) => ({
      code,
      message,
      output,
      line: at?.line,
    }));
    return { result: undefined, unread: [], shown, errors };
  }
}

test("a task runs in the project's folder, returns its result, and reports unread arguments", async () => {
  const body = "return [args.to, args.none, (await $`ls`).stdout.trim()];";
  const { result, unread, shown } = await outcomeOf(body, { to: "12", tp: "13" });
  expect(result).toEqual(["12", undefined, "reyns.ts"]);
  expect(unread).toEqual(["tp"]);
  expect(shown).toBe("lsreyns.ts\n");
  for (const looked of ["return { ...args };", 'return "a" in args;'])
    expect((await outcomeOf(looked, { a: "1" })).unread).toEqual([]);
});

test("exec accepts each of its forms", async () => {
  const calls: object[] = [];
  const exec: RunExec = async (call) => {
    calls.push(call);
    return { stdout: "out", stderr: "", exitCode: 0, instance: "one" };
  };
  const { result, errors } = await outcomeOf(
    `await exec({ service: "db", instance: "one" }, "a && b");
     await exec({ service: "db", instance: null }, ["a", "b"], { quiet: true });
     await exec("db", "ls", { nothrow: true });
     return await exec("db", "two", ["ls"], { user: "x" });`,
    {},
    exec,
  );
  expect(errors).toEqual([]);
  expect(result).toEqual({ stdout: "out", stderr: "", exitCode: 0 });
  expect(calls).toEqual([
    { service: "db", instance: "one", command: ["/bin/sh", "-c", "a && b"], options: {} },
    { service: "db", instance: null, command: ["a", "b"], options: { quiet: true } },
    { service: "db", instance: null, command: ["/bin/sh", "-c", "ls"], options: { nothrow: true } },
    { service: "db", instance: "two", command: ["ls"], options: { user: "x" } },
  ]);
});

test.each([
  'exec({ service: "db", instance: "one" }, "ls", ["-l"])',
  'exec("db", "one", "ls", "-l")',
  'exec("db")',
  'exec(undefined, "ls")',
])("%s is rejected", async (call) => {
  const { errors } = await outcomeOf(`await ${call};`);
  const message = "exec() needs an instance and a command";
  expect(errors).toMatchObject([{ code: "TASK_FAILED", message, line: 3 }]);
});

describe("failures are located in the user's file", () => {
  const failing: RunExec = () =>
    Promise.resolve({ stdout: "", stderr: "one\ntwo\n", exitCode: 3, instance: "one" });
  const failures: [string, object][] = [
    [
      'JSON.parse("{");',
      { code: "TASK_FAILED", message: "JSON Parse error: Expected '}'", output: [], line: 3 },
    ],
    [
      "\nawait $`echo no >&2; exit 4`;",
      { code: "TASK_FAILED", message: "a command of $ exited with status 4", output: [], line: 4 },
    ],
    [
      'await exec("db", "ls");',
      {
        code: "TASK_FAILED",
        message: "db-one: ls exited with status 3",
        output: [],
        line: 3,
      },
    ],
    [
      'await exec("db", ["ls"], { quiet: true });',
      {
        code: "TASK_FAILED",
        message: "db-one: ls exited with status 3",
        output: ["one", "two"],
        line: 3,
      },
    ],
    [
      'await exec("db");',
      {
        code: "TASK_FAILED",
        message: "exec() needs an instance and a command",
        output: [],
        line: 3,
      },
    ],
    [
      'throw "text";',
      {
        code: "TASK_FAILED",
        message: '"text" was thrown, which is not an Error',
        output: [],
        line: 3,
      },
    ],
  ];
  test.each(failures)("%s", async (body, error) => {
    expect((await outcomeOf(body, {}, failing)).errors).toEqual([error]);
  });

  test("a failure can be caught and inspected", async () => {
    const body = `const error = await exec("db", "ls").catch((error) => error);
      return [error.exitCode, error.stderr, (await exec("db", "ls", { nothrow: true })).exitCode];`;
    expect((await outcomeOf(body, {}, failing)).result).toEqual([3, "one\ntwo\n", 3]);
  });
});

test("an interruption before the start ends it", async () => {
  const never = collectUnhandledRejections(
    () => new Promise(() => {}),
    AbortSignal.abort("Ctrl-C"),
  );
  await expect(never).rejects.toBe("Ctrl-C");
});

test("a question without a terminal fails at once", async () => {
  const body = 'const { question } = await import("reyns"); await question("Who? ");';
  const { errors } = await outcomeOf(body);
  expect(errors).toMatchObject([{ code: "ANSWER_NEEDED", line: 3 }]);
});
