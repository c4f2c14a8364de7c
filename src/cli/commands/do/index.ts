import { defineCommand } from "citty";
import * as args from "../../args/common.ts";
import type { Examples } from "../../help/help.ts";
import { log } from "../../../ui/output/log.ts";
import { print, printJson } from "../../../ui/output/print.ts";
import { createTaskOutput } from "../../../ui/output/task-output.ts";
import { formatTable } from "../../../ui/output/table.ts";
import { ReynsError, throwAll } from "../../../errors.ts";
import { inspectProject } from "../../../project/read.ts";
import {
  findTask,
  readTasks,
  runTask,
  type Task,
  type TaskResult,
} from "../../../project/tasks.ts";
import { locateProject, withDefinitionNotice } from "../../common/context.ts";
import { listenForInterrupt } from "../../common/interrupt.ts";
import { createTaskExec } from "./exec.ts";

export const examples: Examples = [
  ["reyns do", "lists the tasks"],
  ["reyns do migrate", "runs one of them"],
  ["reyns do migrate to=12", "with an argument of the task"],
];

export const command = defineCommand({
  meta: {
    name: "do",
    description:
      "Runs a task that reyns.ts defines with task(), and passes it all other key=value arguments. Without a name, lists the tasks.",
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
  run: async ({ args: { task: name, json = false }, data }) => {
    const taskArgs = (data ?? {}) as Record<string, string>;
    const place = await locateProject();
    // Mistakes are reported first: with half a definition, a task would do half its work.
    throwAll((await withDefinitionNotice(inspectProject(place, process.env))).errors);
    const tasks = await readTasks(place);
    if (name === undefined) {
      rejectTaskArgs(taskArgs);
      return listTasks([...tasks.values()], json);
    }
    const task = findTask(tasks, name);
    const { result, unread } = await runInterruptibly(task, place.folder, taskArgs, json);
    if (unread.length > 0)
      log.warn(`task "${task.name}" did not use ${unread.join(", ")}: is it misspelt?`);
    if (json) printJson({ task: task.name, result: result ?? null });
  },
});

/** Rejects arguments of a task where none is named, so that a forgotten name does not just list the tasks. */
function rejectTaskArgs(taskArgs: Readonly<Record<string, string>>): void {
  const [[key, value] = []] = Object.entries(taskArgs);
  if (key === undefined) return;
  const hint = `write it as reyns do TASK ${key}=${value}; reyns do lists the tasks`;
  throw new ReynsError(
    "MISSING_ARGUMENT",
    `${key} is an argument for a task, but no task is named`,
    {
      hint,
    },
  );
}

function listTasks(tasks: readonly Task[], json: boolean): void {
  const rows = tasks.map(({ name, description }) => ({ name, description }));
  if (json) return printJson(rows);
  if (rows.length === 0) return print("no tasks yet: define them in reyns.ts with task()");
  print(
    formatTable(
      [{ title: "TASK" }, { title: "DOES", shrinks: true }],
      rows.map(({ name, description }) => [name, description]),
    ),
  );
}

/** Runs a task; Ctrl-C and SIGTERM end it, with the commands that it runs. */
async function runInterruptibly(
  task: Task,
  folder: string,
  taskArgs: Readonly<Record<string, string>>,
  json: boolean,
): Promise<TaskResult> {
  const { controller, stop } = listenForInterrupt();
  const show = createTaskOutput(json);
  const { exec, killed } = createTaskExec(show, controller.signal);
  try {
    return await runTask(task, { folder, args: taskArgs, exec, show, interrupt: controller });
  } finally {
    await killed();
    stop();
  }
}
