import { AsyncLocalStorage } from "node:async_hooks";
import { ReynsError, type Place } from "../errors.ts";
import type { VolumeDefinition } from "../model/container-spec.ts";
import type { NetworkDefinition } from "../model/networks.ts";
import type { Conf, InstanceDefinition } from "../model/project.ts";
import type { TargetInput } from "./link.ts";
import { placeOfCaller } from "./source-location.ts";
import type { Task } from "./tasks.ts";
import type { Test } from "./tests.ts";

/** The definitions and mistakes of a `reyns.ts` that is being loaded. */
export interface Recorder {
  readonly file: string;
  projectName: string | undefined;
  /** Conf name -> its instances; promises, as the user's code may still be computing values. */
  readonly confs: Map<string, Promise<InstanceDefinition | undefined>[]>;
  /** The confs that run only with a receipt. */
  readonly receiptConfs: Set<string>;
  /** The enclosing conf(), group() and after(); kept across `await`, as their functions may be async. */
  readonly current: AsyncLocalStorage<DefinitionContext>;
  /** What volume() and network() declare, by its name. */
  readonly declared: {
    readonly volume: Map<string, Promise<VolumeDefinition | undefined>>;
    readonly network: Map<string, Promise<NetworkDefinition | undefined>>;
  };
  /** The file itself calls `network("overlay")`; a Compose file that it reads may have another network of that name. */
  namesOverlay: boolean;
  /** Of Compose files, whatever uses them. */
  readonly secretFiles: string[];
  /** The calls of node(), which are read at the end: few files have any. */
  readonly nodes: NodeCall[];
  /** Task name -> the task. */
  readonly tasks: Map<string, Task>;
  /** In the order of their calls. */
  readonly tests: Test[];
  readonly errors: ReynsError[];
  /** Async functions given to conf(), group() and after() that may not have ended. */
  readonly pending: Promise<unknown>[];
  /** Calls with values that are not settled yet. */
  readonly unsettled: Set<Place>;
  /** The last call of the user's code, and a listener for it. */
  lastPlace: Place | undefined;
  onPlace: (at: Place) => void;
}

/** A call of node() as it is written. */
export interface NodeCall {
  readonly name: string;
  readonly endpoint: unknown;
  readonly options: unknown;
  readonly at: Place;
}

/** The conf, group and dependencies of the instances defined inside conf(), group() and after(). */
export interface DefinitionContext {
  readonly conf?: string;
  readonly group?: string;
  readonly after?: readonly TargetInput[];
}

export function createRecorder(file: string): Recorder {
  return {
    file,
    projectName: undefined,
    confs: new Map([["default", []]]),
    receiptConfs: new Set(),
    current: new AsyncLocalStorage(),
    declared: { volume: new Map(), network: new Map() },
    namesOverlay: false,
    secretFiles: [],
    nodes: [],
    tasks: new Map(),
    tests: [],
    errors: [],
    pending: [],
    unsettled: new Set(),
    lastPlace: undefined,
    onPlace: () => {},
  };
}

/** Remembers and returns where the user's code calls the API. */
export function noteCaller(recorder: Recorder): Place {
  const at = placeOfCaller(recorder.file);
  recorder.lastPlace = at;
  recorder.onPlace(at);
  return at;
}

export function addError(
  recorder: Recorder,
  message: string,
  hint: string | undefined,
  at: Place,
): void {
  recorder.errors.push(new ReynsError("INVALID_PROJECT", message, { hint, at }));
}

/** Names are checked at run time, as a file may be loaded without a type check. */
export function isNonEmptyString(name: unknown): name is string {
  return typeof name === "string" && name !== "";
}

/** Handles the rejection right away: it is awaited at the end of the file, and must not count as unhandled before. */
export function trackPending({ unsettled }: Recorder, promise: Promise<unknown>, at: Place): void {
  unsettled.add(at);
  const settled = (): boolean => unsettled.delete(at);
  promise.then(settled, settled);
}

/**
 * Awaits every value that the file has left pending, and returns the confs with everything that was thrown.
 *
 * @param hasFailed the file stopped at an error: takes what is settled, as the rest may wait for what never comes
 */
export async function collectConfs(
  recorder: Recorder,
  hasFailed: boolean,
): Promise<{ confs: Map<string, Conf>; thrown: unknown[] }> {
  const thrown: unknown[] = [];
  const keep = async <Value>(pending: Promise<Value>): Promise<Value | undefined> =>
    Promise.race([pending, ...(hasFailed ? [Promise.resolve(undefined)] : [])]).catch(
      (error: unknown) => void thrown.push(error),
    );
  // The list may grow meanwhile: one function may define another conf or group.
  for (const pending of recorder.pending) await keep(pending);
  const settle = async <Value>(
    declared: ReadonlyMap<string, Promise<Value | undefined>>,
  ): Promise<Record<string, Value>> => {
    const settled = await Promise.all(
      [...declared].map(async ([name, pending]) => [name, await keep(pending)] as const),
    );
    return Object.fromEntries(
      settled.flatMap(([name, value]) => (value ? [[name, value] as const] : [])),
    );
  };
  const volumes = await settle(recorder.declared.volume);
  const networks = await settle(recorder.declared.network);
  const nodes = await keep(readNodes(recorder));
  const { secretFiles, namesOverlay } = recorder;
  const confs = new Map<string, Conf>();
  for (const [name, pending] of recorder.confs) {
    const settled = await Promise.all(pending.map(keep));
    const instances = settled.filter((instance) => instance !== undefined);
    const receipt = recorder.receiptConfs.has(name) ? ("required" as const) : undefined;
    const named = { ...(nodes && { nodes }), ...(namesOverlay && { namesOverlay }) };
    const declared = { instances, volumes, networks, secretFiles, ...named };
    confs.set(name, { name, file: recorder.file, sequential: false, receipt, ...declared });
  }
  return { confs, thrown };
}

async function readNodes(recorder: Recorder): Promise<Conf["nodes"]> {
  if (recorder.nodes.length === 0) return undefined;
  const { readNodeCalls } = await import("./record-nodes.ts");
  return readNodeCalls(recorder);
}
