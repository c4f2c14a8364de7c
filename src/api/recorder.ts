import { AsyncLocalStorage } from "node:async_hooks";
import { dirname } from "node:path";
import * as v from "valibot";
import { inside, ReynsError, type Place } from "../errors.ts";
import { errorsOf, withoutUnknownKeys } from "../lib/schema-errors.ts";
import { checkNames, checkProjectName } from "../model/host-names.ts";
import type { Conf, InstanceDefinition } from "../model/project.ts";
import { isRecord } from "../lib/is-record.ts";
import { readEnvFiles } from "./env-file.ts";
import { namePattern } from "../model/value-schemas.ts";
import { acceptedKeys, definitionOf, dnsKeys, serviceSchema } from "./schema.ts";
import { isTarget, targetForm, type TargetInput } from "./link.ts";
import { settle } from "./settle.ts";
import { placeOfCaller } from "./source-location.ts";
import { keyHint } from "./synonyms.ts";
import type { Task } from "./tasks.ts";

type Path = NonNullable<Place["path"]>;

/** What a `reyns.ts` has said so far, mistakes included. */
export interface Recorder {
  readonly file: string;
  projectName: string | undefined;
  /** Conf name -> its instances; values still being computed by the user's code are promises. */
  readonly confs: Map<string, Promise<InstanceDefinition | undefined>[]>;
  /** What the running code is inside of; it follows `await`, as `conf()` and `group()` may be given async functions. */
  readonly current: AsyncLocalStorage<Surroundings>;
  /** Task name -> the task. */
  readonly tasks: Map<string, Task>;
  readonly errors: ReynsError[];
  /** Confs and groups whose definition is an async function that may not have ended. */
  readonly pending: Promise<unknown>[];
  /** Calls whose values have not come yet. */
  readonly waiting: Set<Place>;
  /** The last place of the user's code that is known, and who is told of it. */
  lastPlace: Place | undefined;
  onPlace: (at: Place) => void;
}

interface Surroundings {
  readonly conf?: string;
  readonly group?: string;
  readonly after?: readonly TargetInput[];
}

export function createRecorder(file: string): Recorder {
  return {
    file,
    projectName: undefined,
    confs: new Map([["default", []]]),
    current: new AsyncLocalStorage(),
    tasks: new Map(),
    errors: [],
    pending: [],
    waiting: new Set(),
    lastPlace: undefined,
    onPlace: () => {},
  };
}

function reached(recorder: Recorder): Place {
  const at = placeOfCaller(recorder.file);
  recorder.lastPlace = at;
  recorder.onPlace(at);
  return at;
}

function reject(recorder: Recorder, message: string, hint: string | undefined, at: Place): void {
  recorder.errors.push(new ReynsError("INVALID_PROJECT", message, { hint, at }));
}

export function recordProject(recorder: Recorder, name: string): void {
  const at = reached(recorder);
  if ((recorder.projectName ?? name) !== name) {
    const message = `the project is named twice: "${recorder.projectName}" and "${name}"`;
    return reject(recorder, message, "keep one project()", at);
  }
  if (!isText(name))
    return reject(recorder, "project() has no name", 'write project("NAME")', inside(at, 0));
  try {
    recorder.projectName = checkProjectName(name, inside(at, 0));
  } catch (error) {
    recorder.errors.push(error as ReynsError);
  }
}

/** Types bind only who checks them. */
function isText(name: unknown): boolean {
  return typeof name === "string" && name !== "";
}

/** Records one instance in the current conf; promises among its values are awaited when the file has ended. */
export function recordInstance(recorder: Recorder, service: string, options: unknown): void {
  const at = reached(recorder);
  const form = 'write it as service("NAME", { … })';
  if (!isText(service))
    return reject(recorder, "service() has no name", `give it first: ${form}`, at);
  if (!isRecord(options))
    return reject(recorder, `the options of ${service} are no object`, form, inside(at, 1));
  const surroundings = recorder.current.getStore() ?? {};
  const known = knownOptions(recorder, service, surrounded(surroundings, options), at);
  const instance = settle(known).then((settled) =>
    readInstance(recorder, service, knownParts(recorder, settled as object, at), at),
  );
  waitFor(recorder, instance, at);
  recorder.confs.get(surroundings.conf ?? "default")?.push(instance);
}

/** Its own group counts more; what it comes after by itself counts as well. */
function surrounded({ group, after = [] }: Surroundings, options: object): object {
  const given: { readonly after?: unknown } = group === undefined ? options : { group, ...options };
  if (after.length === 0) return given;
  return { ...given, after: async () => [...after, ...[(await settle(given.after)) ?? []].flat()] };
}

/** Without the keys that are not accepted, which are told of at once: a value beside them may never come. */
function knownOptions(recorder: Recorder, service: string, given: object, at: Place): unknown {
  const own = service === "reyns-dns" ? dnsKeys : [];
  const placeOf = (path: Path): Place => inside(at, ...path);
  const { known, errors } = withoutUnknownKeys(given, acceptedKeys[""], placeOf, (key, accepted) =>
    keyHint(key, [...own, ...accepted]),
  );
  recorder.errors.push(...errors);
  return known;
}

/** The same inside the values that have keys of their own. */
function knownParts(recorder: Recorder, options: object, at: Place): object {
  const knownPart = (value: unknown, path: Path, keys: readonly string[]): unknown => {
    if (Array.isArray(value))
      return value.map((item, index) => knownPart(item, [...path, index], keys));
    const placeOf = (inner: Path): Place => inside(at, ...path, ...inner);
    const { known, meant, errors } = withoutUnknownKeys(value, keys, placeOf, keyHint);
    recorder.errors.push(...errors);
    // What has a key that is nearly right is not missing as well.
    return isRecord(known) ? { ...meant, ...known } : known;
  };
  const parts = Object.entries(options).map(([name, value]) => {
    const keys =
      Object.hasOwn(acceptedKeys, name) && acceptedKeys[name as keyof typeof acceptedKeys];
    return [name, keys ? knownPart(value, [name], keys) : value];
  });
  return Object.fromEntries(parts);
}

function readInstance(
  recorder: Recorder,
  service: string,
  options: unknown,
  at: Place,
): InstanceDefinition | undefined {
  const placeOf = (path: Path): Place => inside(at, ...path);
  const result = v.safeParse(serviceSchema, options);
  if (!result.success) {
    const context = { placeOf, keys: acceptedKeys, hintOf: keyHint };
    recorder.errors.push(...errorsOf(result.issues, context));
    return undefined;
  }
  const { instance, envFile } = result.output;
  recorder.errors.push(...checkNames(service, instance, inside(at, 0), inside(at, "instance")));
  const files = readEnvFiles(envFile, dirname(recorder.file), at);
  recorder.errors.push(...files.errors);
  return definitionOf(service, result.output, files.env, at);
}

type Define = () => void | Promise<void>;

/** Records a conf: the instances that `define` declares, also after an `await` in it, belong to it. */
export function recordConf(recorder: Recorder, name: string, define: Define): void {
  const at = reached(recorder);
  if (!isSayable(recorder, "conf", name, define, at)) return;
  if (!recorder.confs.has(name)) recorder.confs.set(name, []);
  run(recorder, { conf: name }, define, at);
}

/** Puts the instances that `define` declares into a group, unless they name another one themselves. */
export function recordGroup(recorder: Recorder, name: string, define: Define): void {
  const at = reached(recorder);
  if (isSayable(recorder, "group", name, define, at)) run(recorder, { group: name }, define, at);
}

/** Lets the instances that `define` declares come after these, besides what they come after themselves. */
export function recordAfter(recorder: Recorder, targets: unknown, define: Define): void {
  const at = reached(recorder);
  const after = [targets].flat();
  if (after.length > 0 && after.every(isTarget) && typeof define === "function") {
    const outer = recorder.current.getStore()?.after ?? [];
    return run(recorder, { after: [...outer, ...after] }, define, at);
  }
  const hint = `write it as after(db, () => { … }), with ${targetForm}, or several in a list`;
  reject(recorder, "after() needs what comes before, and a function", hint, at);
}

/** It is named on the command line, `conf=NAME`, where `.conf` at the end is left out. */
function isSayable(
  recorder: Recorder,
  kind: "conf" | "group",
  name: unknown,
  define: unknown,
  at: Place,
): boolean {
  if (!isText(name) || typeof define !== "function") {
    const hint = `write it as ${kind}("NAME", () => { … })`;
    reject(recorder, `${kind}() needs a name and a function`, hint, at);
    return false;
  }
  if (namePattern.test(String(name)) && !String(name).endsWith(".conf")) return true;
  const hint = `it is said as ${kind}=NAME: use letters, digits, - and _${kind === "conf" ? ", without .conf" : ""}`;
  reject(recorder, `"${String(name)}" cannot be the name of a ${kind}`, hint, inside(at, 0));
  return false;
}

function run(recorder: Recorder, surroundings: Surroundings, define: Define, at: Place): void {
  const before = recorder.current.getStore();
  const defined = recorder.current.run({ ...before, ...surroundings }, define);
  if (!defined) return;
  waitFor(recorder, defined, at);
  recorder.pending.push(defined);
}

/** It is awaited only when the file has ended: until then a rejection must not count as unhandled. */
function waitFor({ waiting }: Recorder, promise: Promise<unknown>, at: Place): void {
  waiting.add(at);
  const came = (): boolean => waiting.delete(at);
  promise.then(came, came);
}

/**
 * The confs, once everything that the file left to promises has come, and what was thrown on the way. Where something
 * was thrown, what is missing for that reason must not count as a mistake: there are no instances then.
 */
export async function recordedConfs(
  recorder: Recorder,
): Promise<{ confs: Map<string, Conf>; thrown: unknown[] }> {
  const thrown: unknown[] = [];
  const keep = async <Value>(pending: Promise<Value>): Promise<Value | undefined> =>
    pending.catch((error: unknown) => void thrown.push(error));
  // One that is awaited may define another.
  for (const pending of recorder.pending) await keep(pending);
  const recorded = new Map<string, readonly InstanceDefinition[]>();
  for (const [name, pending] of recorder.confs) {
    const instances = await Promise.all(pending.map(keep));
    recorded.set(
      name,
      instances.filter((instance) => instance !== undefined),
    );
  }
  const confs = [...recorded].map(([name, known]): [string, Conf] => {
    const instances = thrown.length > 0 ? [] : known;
    return [name, { name, file: recorder.file, sequential: false, instances }];
  });
  return { confs: new Map(confs), thrown };
}
