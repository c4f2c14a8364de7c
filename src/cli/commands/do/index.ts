import { defineCommand } from "citty";
import * as args from "../../args/common.ts";
import type { Examples } from "../../help/help.ts";
import { log } from "../../../ui/output/log.ts";
import { print, printJson } from "../../../ui/output/print.ts";
import { createTaskOutput } from "../../../ui/output/task-output.ts";
import { formatTable } from "../../../ui/output/table.ts";
import { compileAsUsual } from "../../../lib/jit.ts";
import { ReynsError, throwAll } from "../../../errors.ts";
import { inspectProject } from "../../../project/read.ts";
import { readTasks, runTask, findTask, type Task } from "../../../project/tasks.ts";
import { locateProject, withDefinitionNotice } from "../../shared/context.ts";
import { execFrom } from "./exec.ts";

export const examples: Examples = [
  ["reyns do", "the tasks there are"],
  ["reyns do migrate", "runs one"],
  ["reyns do migrate to=12", "with an argument of the task"],
];

export const command = defineCommand({
  meta: {
    name: "do",
    description:
      "Runs a task that reyns.ts defines with task(); everything else that is given as key=value reaches it as its args. Without a name it lists the tasks.",
  },
  args: {
    task: {
      type: "positional",
      required: false,
      valueHint: "TASK",
      description: "Name of the task",
    },
    json: args.json,
  },
  run: async ({ args: { task: name, json }, data }) => {
    const given = (data ?? {}) as Record<string, string>;
    const place = await locateProject();
    // Its mistakes first: a task of half a definition would do half of what it says.
    throwAll((await withDefinitionNotice(inspectProject(place, process.env))).errors);
    const tasks = await readTasks(place);
    const wanted = args.given(name);
    if (wanted === undefined) {
      refuseKeys(given);
      return listTasks([...tasks.values()], json ?? false);
    }
    const task = findTask(tasks, wanted);
    const show = createTaskOutput(json ?? false);
    const { result, unread } = await withInterrupt(async (interrupt) => {
      const { exec, ended } = execFrom(show, interrupt.signal);
      const { folder } = place;
      // What a task does is not for us to guess.
      compileAsUsual();
      try {
        return await runTask(task, { folder, args: given, exec, show, interrupt });
      } finally {
        await ended();
      }
    });
    if (unread.length > 0)
      log.warn(`the task "${task.name}" did not look at ${unread.join(", ")}: is that misspelt?`);
    if (json) printJson({ task: task.name, result: result ?? null });
  },
});

/** What is meant for a task must not end in a list. */
function refuseKeys(given: Readonly<Record<string, string>>): void {
  const [[key, value] = []] = Object.entries(given);
  if (key === undefined) return;
  const hint = `write it as reyns do TASK ${key}=${value}; reyns do lists the tasks`;
  throw new ReynsError("MISSING_WORD", `${key} is for a task, and none is named`, { hint });
}

async function listTasks(tasks: readonly Task[], json: boolean): Promise<void> {
  const rows = tasks.map(({ name, description }) => ({ name, description }));
  if (json) return printJson(rows);
  if (rows.length === 0) return print("no tasks: reyns.ts defines them with task()");
  print(
    formatTable(
      [{ title: "TASK" }, { title: "DOES", shrinks: true }],
      rows.map(({ name, description }) => [name, description]),
    ),
  );
}

/** Ctrl-C and SIGTERM end what the task runs, and the task. */
async function withInterrupt<Result>(
  work: (interrupt: AbortController) => Promise<Result>,
): Promise<Result> {
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, onInterrupt);
  try {
    return await work(interrupt);
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, onInterrupt);
  }
}
