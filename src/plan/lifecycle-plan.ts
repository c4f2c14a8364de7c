import { findCycle } from "../lib/graph.ts";
import { isSecondaryDns } from "../model/dns-settings.ts";
import { isRecord } from "../lib/is-record.ts";
import { asResumed } from "./describe/readiness.ts";
import { parseLabel } from "../model/labels.ts";
import { isRunning, ownNameOf, type ObservedInstance } from "../model/observed.ts";
import { departure, recordedRegistration, routerFor } from "./departure.ts";
import { networkNameOf, type ProjectIdentity } from "../model/resource-names.ts";
import type { Ready } from "../model/readiness.ts";
import type {
  RemoveInstance,
  RemoveNetwork,
  RestartInstance,
  Step,
  StopInstance,
} from "../model/steps.ts";
import type { SealedReady } from "../model/sealed-ready.ts";

/** Starts stopped instances again as they are, and lets paused ones go on, after those that they depend on. */
export function planStart(
  chosen: readonly ObservedInstance[],
  timeout?: number,
  all = chosen,
): Step[] {
  const paused = new Map(
    chosen.flatMap((instance) => (instance.state === "paused" ? [[instance.id, instance]] : [])),
  );
  return planRestart(chosen, timeout, all).map((step) => {
    const instance = paused.get(step.containerId);
    return instance ? asResumed(step, instance) : step;
  });
}

/** Starts instances again as they are, after those that they depend on. Running ones are stopped first. */
export function planRestart(
  chosen: readonly ObservedInstance[],
  timeout?: number,
  all = chosen,
): RestartInstance[] {
  const hosts = new Set(chosen.map(({ host }) => host));
  const isFirst = (one: ObservedInstance): boolean => one.isDns && !isSecondaryDns(one);
  const servers = chosen.filter(isFirst).map(({ host }) => host);
  const steps = chosen.map((instance): RestartInstance => {
    // Versions that recorded no dependencies registered everything with the DNS.
    const needed = isFirst(instance) ? [] : [...instance.after, ...servers];
    return {
      kind: "restart-instance",
      id: startId(instance.host),
      after: [...new Set(needed)].filter((host) => hosts.has(host)).map(startId),
      title: instance.host,
      reason: instance.state,
      host: instance.host,
      hooks: instance.hooks,
      containerId: instance.id,
      name: instance.containerName === ownNameOf(instance) ? undefined : ownNameOf(instance),
      stopFirst: isRunning(instance),
      resumes: false,
      ready: recordedReadiness(instance),
      timeout,
      register: recordedRegistration(instance),
      ...routerFor(instance, all, chosen),
    };
  });
  return withoutCycles(steps);
}

/** The chosen instances, and those that run in the network of one of them: it is another one after its start. */
export function withSharers(
  chosen: readonly ObservedInstance[],
  all: readonly ObservedInstance[],
): ObservedInstance[] {
  const modes = new Set(chosen.map(({ id }) => `container:${id}`));
  const sharers = all.filter(
    (instance) =>
      isRunning(instance) && !chosen.includes(instance) && modes.has(instance.networkMode ?? ""),
  );
  return [...chosen, ...sharers];
}

function startId(host: string): string {
  return `start ${host}`;
}

/** Dependencies that were recorded at different times may form a circle: nothing would start. */
function withoutCycles<Ordered extends Step>(steps: readonly Ordered[]): Ordered[] {
  return findCycle(steps) ? steps.map((step) => ({ ...step, after: [] })) : [...steps];
}

/** How the readiness of a container is detected, by its own labels. */
export function recordedReadiness(instance: ObservedInstance): Ready | SealedReady {
  const { isDns, address, registered, hasEntrypoint, readiness } = instance;
  if (instance.swarm) return { kind: "tasks" };
  const recorded = parseLabel<Ready | SealedReady>(readiness);
  if (recorded && isUsable(recorded)) return recorded;
  if (isDns && address !== undefined && registered) {
    const copies = isSecondaryDns(instance) ? ({ copies: true } as const) : {};
    return { kind: "dns", address, zone: registered.zone, ...copies };
  }
  return hasEntrypoint
    ? { kind: "entrypoint" }
    : { kind: "ports", address: address ?? "", ports: [] };
}

/** Anybody can write a label. */
function isUsable(recorded: Partial<Ready | SealedReady>): boolean {
  if (recorded.kind === "sealed") return typeof recorded.text === "string";
  if (recorded.kind === "check") return isRecord(recorded.check);
  return recorded.kind !== undefined && readyKinds.has(recorded.kind);
}

/** Another version may have recorded one that this one does not know. */
const readyKinds: ReadonlySet<string> = new Set<Ready["kind"]>([
  "entrypoint",
  "completed",
  "tasks",
  "dns",
  "ports",
]);

/**
 * Removes instances, dependents first, after taking their names out of the DNS; then the networks when nothing is left
 * in them.
 */
export function planClean(
  chosen: readonly ObservedInstance[],
  all: readonly ObservedInstance[],
  networks: readonly ProjectNetwork[],
  reason = "clean",
): Step[] {
  const gone = new Set(chosen.map(({ id }) => id));
  // By the container: hosts of several projects may be the same.
  const idOf = ({ id }: ObservedInstance): string => `remove ${id}`;
  const removals = chosen.map((instance): RemoveInstance => ({
    ...departure(instance, chosen, all, reason),
    kind: "remove-instance",
    project: { name: instance.project, origin: instance.origin },
    temporaryVolume: instance.temporaryVolume,
    id: idOf(instance),
    // A temporary volume is free only when no container has it.
    after: [
      ...dependentsOf(instance, chosen).map(idOf),
      ...leftoversOf(instance).map(({ id }) => id),
    ],
  }));
  const former = chosen.flatMap(leftoversOf);
  const steps = [...withoutCycles(removals), ...former];
  if (all.some(({ id }) => !gone.has(id))) return steps;
  const after = steps.map(({ id }) => id);
  return [...steps, ...networks.map((network) => removeNetwork(network, after))];
}

/** A network that a project has made. */
export interface ProjectNetwork {
  readonly name: string;
  readonly project: ProjectIdentity;
}

function removeNetwork({ name, project }: ProjectNetwork, after: readonly string[]): RemoveNetwork {
  const isOwn = name === networkNameOf(project);
  const title = isOwn ? "network" : `network ${name}`;
  const reason = "nothing is left in it";
  return { kind: "remove-network", id: title, after, title, reason, name, project };
}

/** What calls that were cut off have left beside an instance's container. */
function leftoversOf(instance: ObservedInstance): RemoveInstance[] {
  return [...formerRemoval(instance), ...successorRemoval(instance)];
}

/** Removes what a replacement that was cut off has kept of the instance's former container. */
export function formerRemoval({ host, predecessor, swarm }: ObservedInstance): RemoveInstance[] {
  if (predecessor === undefined) return [];
  const removal = leftoverRemoval(host, predecessor, "former container");
  // No other container has its volumes.
  return [swarm ? { ...removal, keepsData: true } : removal];
}

/** Removes what a replacement that was cut off has started beside the instance's container. */
export function successorRemoval({ host, successor }: ObservedInstance): RemoveInstance[] {
  return successor === undefined ? [] : [leftoverRemoval(host, successor, "new container")];
}

function leftoverRemoval(host: string, containerId: string, which: string): RemoveInstance {
  return {
    kind: "remove-instance",
    id: `remove ${containerId}`,
    after: [],
    title: `${host} (${which})`,
    reason: which === "new container" ? "its replacement was cut off" : "replaced",
    host,
    containerId,
    temporaryVolume: undefined,
    deregister: undefined,
  };
}

/** Stops instances, dependents first, after taking their names out of the DNS. */
export function planStop(
  chosen: readonly ObservedInstance[],
  all: readonly ObservedInstance[],
): Step[] {
  const idOf = ({ id }: ObservedInstance): string => `stop ${id}`;
  const steps = chosen.map((instance): StopInstance => ({
    ...departure(instance, chosen, all, "stop"),
    kind: "stop-instance",
    id: idOf(instance),
    after: dependentsOf(instance, chosen).map(idOf),
  }));
  // A former container that does not run is what a failed start goes back to.
  const leftovers = chosen.flatMap((instance) => [
    ...(instance.isPredecessorUp ? formerRemoval(instance) : []),
    ...successorRemoval(instance),
  ]);
  return [...leftovers, ...withoutCycles(steps)];
}

/** The instances among the chosen that depend on this one. */
function dependentsOf(
  { host, project, origin }: ObservedInstance,
  chosen: readonly ObservedInstance[],
): ObservedInstance[] {
  return chosen.filter(
    (other) => other.after.includes(host) && other.project === project && other.origin === origin,
  );
}
