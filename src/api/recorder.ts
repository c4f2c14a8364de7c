import { AsyncLocalStorage } from "node:async_hooks";
import { dirname, sep } from "node:path";
import * as v from "valibot";
import { ReynsError, type Place } from "../errors.ts";
import { errorsOf, withoutUnknownKeys } from "../project/issues.ts";
import { checkNames, checkProjectName } from "../project/names.ts";
import type { Conf, InstanceDefinition } from "../project/types.ts";
import { acceptedKeys, definitionOf, serviceSchema } from "./schema.ts";
import type { Task } from "./tasks.ts";

/** What a `reyns.ts` has said so far, mistakes included. */
export interface Recorder {
  readonly file: string;
  projectName: string | undefined;
  /** Conf name -> its instances; values still being computed by the user's code are promises. */
  readonly confs: Map<string, Promise<InstanceDefinition | undefined>[]>;
  /** The conf that the running code belongs to; it follows `await`, as `conf()` may be given an async function. */
  readonly currentConf: AsyncLocalStorage<string>;
  /** Task name -> the task. */
  readonly tasks: Map<string, Task>;
  readonly errors: ReynsError[];
  /** Confs whose definition is an async function that may not have ended. */
  readonly pending: Promise<void>[];
}

export function createRecorder(file: string): Recorder {
  return {
    file,
    projectName: undefined,
    confs: new Map([["default", []]]),
    currentConf: new AsyncLocalStorage(),
    tasks: new Map(),
    errors: [],
    pending: [],
  };
}

export function recordProject(recorder: Recorder, name: string): void {
  const at = placeOfCaller(recorder.file);
  if ((recorder.projectName ?? name) !== name) {
    const message = `the project is named twice: "${recorder.projectName}" and "${name}"`;
    recorder.errors.push(new ReynsError("INVALID_PROJECT", message, { at }));
    return;
  }
  try {
    recorder.projectName = checkProjectName(isText(name) ? name : "", at);
  } catch (error) {
    recorder.errors.push(error as ReynsError);
  }
}

/** Types bind only who checks them. */
function isText(name: unknown): boolean {
  return typeof name === "string" && name !== "";
}

/** Records one instance in the current conf; promises among its values are awaited when the file has ended. */
export function recordInstance(
  recorder: Recorder,
  service: string,
  options: Readonly<Record<string, unknown>>,
): void {
  const at = placeOfCaller(recorder.file);
  if (!isText(service)) {
    const hint = 'give it first: service("NAME", { … })';
    recorder.errors.push(new ReynsError("INVALID_PROJECT", "service() has no name", { hint, at }));
    return;
  }
  const instance = settle(options).then((settled) => readInstance(recorder, service, settled, at));
  // Awaited only when the file has ended: until then a rejection must not count as unhandled.
  instance.catch(() => {});
  recorder.confs.get(recorder.currentConf.getStore() ?? "default")?.push(instance);
}

function readInstance(
  recorder: Recorder,
  service: string,
  options: unknown,
  at: Place,
): InstanceDefinition | undefined {
  const placeOf = (): Place => at;
  const { known, errors } = withoutUnknownKeys(options, acceptedKeys[""], placeOf);
  recorder.errors.push(...errors);
  const result = v.safeParse(serviceSchema, known);
  if (!result.success) {
    recorder.errors.push(...errorsOf(result.issues, { placeOf, keys: acceptedKeys }));
    return undefined;
  }
  recorder.errors.push(...checkNames(service, result.output.instance, at));
  return definitionOf(service, result.output, at);
}

/** Records a conf: the instances that `define` declares, also after an `await` in it, belong to it. */
export function recordConf(
  recorder: Recorder,
  name: string,
  define: () => void | Promise<void>,
): void {
  if (!isText(name) || typeof define !== "function") {
    const at = placeOfCaller(recorder.file);
    const hint = 'write it as conf("NAME", () => { … })';
    recorder.errors.push(
      new ReynsError("INVALID_PROJECT", "conf() needs a name and a function", { hint, at }),
    );
    return;
  }
  if (!recorder.confs.has(name)) recorder.confs.set(name, []);
  const defined = recorder.currentConf.run(name, define);
  if (!defined) return;
  // Awaited only when the file has ended: until then a rejection must not count as unhandled.
  defined.catch(() => {});
  recorder.pending.push(defined);
}

/** The confs, once everything that the file left to promises has come. */
export async function recordedConfs(recorder: Recorder): Promise<Map<string, Conf>> {
  await Promise.all(recorder.pending);
  const confs = new Map<string, Conf>();
  for (const [name, pending] of recorder.confs) {
    const instances = (await Promise.all(pending)).filter((instance) => instance !== undefined);
    confs.set(name, { name, file: recorder.file, sequential: false, instances });
  }
  return confs;
}

/** Awaits promises and calls functions, at any depth of plain objects and lists; what holds itself is left. */
async function settle(value: unknown, holders: readonly unknown[] = []): Promise<unknown> {
  const settled: unknown =
    typeof value === "function" ? await (value as () => unknown)() : await value;
  if (settled === null || typeof settled !== "object" || holders.includes(settled)) return settled;
  const inside = [...holders, settled];
  if (Array.isArray(settled)) return Promise.all(settled.map((inner) => settle(inner, inside)));
  if (Object.getPrototypeOf(settled) !== Object.prototype) return settled;
  const entries = await Promise.all(
    Object.entries(settled).map(
      async ([key, inner]) => [key, await settle(inner, inside)] as const,
    ),
  );
  return Object.fromEntries(entries);
}

/** Where the user's code is calling from. */
export function placeOfCaller(file: string): Place {
  return placeInStack(new Error("place").stack ?? "", file);
}

/** Where a stack passes through the user's own code: the first frame in `file`, else in a file beside or below it. */
export function placeInStack(stack: string, file: string): Place {
  const folder = `${dirname(file)}${sep}`;
  const own = stack.split("\n").filter((line) => line.includes(folder));
  const frame = own.find((line) => line.includes(file)) ?? own[0] ?? "";
  const match = /^(.*):(\d+):(\d+)\)?$/.exec(frame.slice(frame.indexOf(folder)).trim());
  if (!match) return { file };
  return { file: match[1] ?? file, line: Number(match[2]), column: Number(match[3]) };
}
