import { basename } from "node:path";
import { addError, type Recorder } from "./recorder.ts";
import { placeOfCaller } from "./source-location.ts";
import type { Task } from "./tasks.ts";

/** Task names are a single argument of the command line. */
const taskName = /^[A-Za-z0-9][\w.:-]*$/;

/** Keys of `reyns do` itself. */
const reservedNames = new Set(["json", "jsonout"]);

const usage = 'write task("NAME", "DESCRIPTION", async ({ exec, $, args }) => { … })';

/** Records a task; only `reyns do` calls its function. */
export function recordTask(
  recorder: Recorder,
  name: unknown,
  description: unknown,
  run: unknown,
): void {
  const at = placeOfCaller(recorder.file);
  const [message, hint] = checkTask(recorder.tasks, name, description, run) ?? [];
  if (message !== undefined) return addError(recorder, message, hint, at);
  const task = { name, description, run, at } as Task;
  recorder.tasks.set(task.name, task);
}

/** Returns the message and the hint of a mistake. */
function checkTask(
  tasks: Recorder["tasks"],
  name: unknown,
  description: unknown,
  run: unknown,
): [string, string] | undefined {
  if (typeof name !== "string" || name === "") return ["task() needs a name", usage];
  const invalid = `invalid task name "${name}"`;
  if (reservedNames.has(name))
    return [`${invalid}: it is a key of "reyns do"`, "choose another name"];
  if (!taskName.test(name)) return [invalid, 'use letters, digits, "-", "_", "." and ":"'];
  const { at } = tasks.get(name) ?? {};
  if (at) {
    const first = `${basename(at.file)}:${at.line}`;
    return [`task "${name}" is defined twice, first at ${first}`, "rename one of them"];
  }
  if (typeof description !== "string") return [`task "${name}" needs a description`, usage];
  return typeof run === "function" ? undefined : [`task "${name}" needs a function`, usage];
}
