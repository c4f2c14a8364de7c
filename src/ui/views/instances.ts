import { constants } from "node:os";
import type { Lifetime } from "../../runtime/observe/lifetimes.ts";
import { isDone, runningStates, type ObservedInstance } from "../../model/observed.ts";
import type { ObservedService } from "../../model/swarm-service.ts";
import { isReady } from "./instance-json.ts";
import { formatTable, type Column, type TableRow } from "../output/table.ts";

const { signals } = constants;

const columns: readonly Column[] = [
  { title: "SERVICE", shrinks: "last" },
  { title: "INSTANCE", shrinks: "last" },
  { title: "TYPE" },
  { title: "GROUP" },
  { title: "NODE" },
  { title: "STATE", colour: colourOfState },
  { title: "RESTARTS" },
  { title: "ADDRESS", droppable: "first" },
  { title: "PORTS", shrinks: "last" },
  { title: "IMAGE", shrinks: true, keepsEnd: true, droppable: true },
  { title: "VERSION", droppable: true },
  { title: "UP", droppable: "last" },
  { title: "ID", droppable: "first" },
];

/** What the state of an instance ends with when its definition is gone. */
const orphanMark = ", orphan";

/** The colour of a state: "running, starting", "exited (1)", "done", "running, orphan". */
function colourOfState(text: string): "green" | "yellow" | "red" {
  if (text.startsWith("done")) return text === "done" ? "green" : "yellow";
  const [state = "", health] = text.split(", ");
  const [, running, desired] = /^(\d+) of (\d+)$/.exec(health ?? "") ?? [];
  if (state === "running" && desired !== undefined) return running === desired ? "green" : "yellow";
  if (isReady({ state, health })) return "green";
  return runningStates.has(state.split(" ")[0] ?? "") ? "yellow" : "red";
}

/**
 * The state of an instance, with the status of its last exit where that matters.
 *
 * @example
 * // "running, healthy", "exited (137, SIGKILL)", "restarting (5)", "done", "failed (3)", "out of memory (137)"
 */
export function stateText(instance: ObservedInstance, isOutOfMemory: boolean): string {
  const { state, health, exitCode, isJob } = instance;
  if (isDone(instance)) return "done";
  if (instance.swarm && state !== "exited") return serviceText(instance.swarm, state);
  if (state !== "exited" && state !== "restarting")
    return health === undefined ? state : `${state}, ${health}`;
  const word = isOutOfMemory ? "out of memory" : state;
  const status = exitCode === undefined ? "" : ` (${exitText(exitCode)})`;
  return `${isJob && state === "exited" ? "failed" : word}${status}`;
}

/** "running, 3 of 3", "running, 2 of 3, updating", "restarting, 0 of 3" */
function serviceText({ desired, running, update }: ObservedService, state: string): string {
  const isUnderWay = update !== undefined && !/^(?:rollback_)?completed$/.test(update.state);
  const change = isUnderWay ? `, ${update.state.replaceAll("_", " ")}` : "";
  return `${state}, ${running} of ${desired}${change}`;
}

/** A shell adds 128 to the number of the signal that ended a process. */
function exitText(code: number): string {
  const signal = Object.entries(signals).find(([, number]) => number === code - 128)?.[0];
  return signal === undefined ? String(code) : `${code}, ${signal}`;
}

/** "2 minutes" -> "2 min", "About an hour" -> "1 h" */
function shortDuration(text: string): string {
  if (text.startsWith("Less than")) return "0 s";
  const [, count = "", unit = ""] = /^(?:About )?(an?|\d+) (\w+?)s?$/.exec(text) ?? [];
  const short = { second: "s", minute: "min", hour: "h", day: "d" }[unit] ?? unit;
  return unit === "" ? text : `${/^\d/.test(count) ? count : "1"} ${short}`;
}

type ShownPort = ObservedInstance["ports"][number];

/** "192.0.2.7:53/tcp+udp", "8080->80/tcp", "[::1]:8080->80/tcp" */
export function formatPorts({ ports }: Pick<ObservedInstance, "ports">): string {
  const shown = ports.filter((port) => port.host !== undefined && !isRepeated(port, ports));
  const byPlace = Map.groupBy(shown, ({ container, host, ip }) => {
    const address = ip.includes(":") ? `[${ip}]` : ip;
    const place = ip === "" || ip === "0.0.0.0" ? `${host}` : `${address}:${host}`;
    return host === container ? place : `${place}->${container}`;
  });
  return [...byPlace]
    .map(([place, bindings]) => {
      const protocols = new Set(bindings.map(({ protocol }) => protocol));
      return `${place}/${[...protocols].toSorted().join("+")}`;
    })
    .join(", ");
}

/** All IPv6 addresses beside all IPv4 addresses. */
function isRepeated(port: ShownPort, all: readonly ShownPort[]): boolean {
  return (
    port.ip === "::" &&
    all.some(
      ({ container, host, protocol, ip }) =>
        ip === "0.0.0.0" &&
        container === port.container &&
        host === port.host &&
        protocol === port.protocol,
    )
  );
}

/** An instance that should run and has no container. */
export interface MissingInstance {
  readonly service: string;
  readonly instance: string;
}

interface ListedExtras {
  /** Container id -> its lifetime, where it is known. */
  readonly lifetimes?: ReadonlyMap<string, Lifetime>;
  readonly missing?: readonly MissingInstance[];
  /** Those whose definition is gone. */
  readonly orphans?: readonly ObservedInstance[];
}

/** "3", "3, 1a2b3c4d5e6f-dirty" */
function servingText({ version, commit }: ObservedInstance): string {
  return [version, commit].filter((part) => part !== undefined).join(", ");
}

/** A table of instances; those without a container follow. */
export function formatInstances(
  instances: readonly ObservedInstance[],
  { lifetimes = new Map(), missing = [], orphans = [] }: ListedExtras = {},
): string {
  // Of interest once something has been replaced, or where it names a commit.
  const hasVersions = instances.some(
    ({ version = 1, commit }) => version > 1 || commit !== undefined,
  );
  const rows = instances.map((instance): TableRow => {
    const { instanceType, state, upFor } = instance;
    const lifetime = lifetimes.get(instance.id);
    const isUp = runningStates.has(state);
    return [
      instance.service,
      instance.instance,
      instanceType === "standard" ? "" : instanceType,
      // A node has the name of its group.
      instance.node === instance.group ? "" : (instance.group ?? ""),
      instance.node ?? "",
      stateText(instance, lifetime?.oomKilled ?? false) +
        (orphans.includes(instance) ? orphanMark : ""),
      lifetime?.restarts ? String(lifetime.restarts) : "",
      isUp ? (instance.address ?? "") : "",
      formatPorts(instance),
      instance.image,
      hasVersions ? servingText(instance) : "",
      upFor === undefined ? "" : shortDuration(upFor),
      instance.id.slice(0, 12),
    ];
  });
  const gone = missing.map(({ service, instance }): TableRow => [
    service,
    instance,
    "",
    "",
    "",
    "missing",
  ]);
  return formatTable(columns, [...rows, ...gone]);
}
