import { runningStates, type ObservedInstance } from "../../model/observed.ts";
import { formatTable, type Column, type TableRow } from "../output/table.ts";
import { formatAge } from "../output/duration.ts";

/** An instance under `--json`; the names are stable. */
export interface InstanceJson {
  readonly id: string;
  readonly service: string;
  readonly instance: string;
  readonly instanceType: string;
  readonly group: string | null;
  readonly image: string;
  readonly state: string;
  /** healthy, unhealthy, starting; null without a HEALTHCHECK */
  readonly health: string | null;
  readonly ready: boolean;
  readonly address: string | null;
  readonly hostname: string;
  readonly ports: readonly {
    readonly container: number;
    readonly host: number | null;
    readonly protocol: string;
    readonly ip: string | null;
  }[];
  /** ISO 8601 */
  readonly createdAt: string;
}

export function instanceToJson(instance: ObservedInstance): InstanceJson {
  const {
    id,
    service,
    instanceType,
    group,
    image,
    state,
    health,
    address,
    host,
    ports,
    createdAt,
  } = instance;
  return {
    id: id.slice(0, 12),
    service,
    instance: instance.instance,
    instanceType,
    group: group ?? null,
    image,
    state,
    health: health ?? null,
    ready: isReady(instance),
    address: address ?? null,
    hostname: host,
    ports: ports.map((port) => ({
      container: port.container,
      host: port.host ?? null,
      protocol: port.protocol,
      ip: port.ip === "" ? null : port.ip,
    })),
    createdAt: new Date(createdAt * 1000).toISOString(),
  };
}

/** Running, and healthy where it has a HEALTHCHECK. */
function isReady({ state, health }: Pick<ObservedInstance, "state" | "health">): boolean {
  return state === "running" && (health === undefined || health === "healthy");
}

const columns: readonly Column[] = [
  { title: "SERVICE", shrinks: "last" },
  { title: "INSTANCE", shrinks: "last" },
  { title: "TYPE" },
  { title: "GROUP" },
  { title: "STATE", colour: colourOfState },
  { title: "ADDRESS" },
  { title: "PORTS", shrinks: "last" },
  { title: "IMAGE", shrinks: true, droppable: true },
  { title: "AGE", droppable: true },
  { title: "ID", droppable: true },
];

/** The colour of a state and a health: "running, starting". */
function colourOfState(text: string): "green" | "yellow" | "red" {
  const [state = "", health] = text.split(", ");
  if (isReady({ state, health })) return "green";
  return runningStates.has(state) ? "yellow" : "red";
}

/** "192.0.2.7:53/tcp+udp", "8080->80/tcp" */
function formatPorts({ ports }: ObservedInstance): string {
  const shown = ports.filter(({ host, ip }) => host !== undefined && !ip.includes(":"));
  const byPlace = Map.groupBy(shown, ({ container, host, ip }) => {
    const place = ip === "" || ip === "0.0.0.0" ? `${host}` : `${ip}:${host}`;
    return host === container ? place : `${place}->${container}`;
  });
  return [...byPlace]
    .map(([place, bindings]) => {
      const protocols = new Set(bindings.map(({ protocol }) => protocol));
      return `${place}/${[...protocols].toSorted().join("+")}`;
    })
    .join(", ");
}

export function formatInstances(instances: readonly ObservedInstance[]): string {
  const now = Date.now() / 1000;
  const rows = instances.map((instance): TableRow => {
    const { instanceType, state, health, createdAt } = instance;
    return [
      instance.service,
      instance.instance,
      instanceType === "standard" ? "" : instanceType,
      instance.group ?? "",
      health === undefined ? state : `${state}, ${health}`,
      runningStates.has(state) ? (instance.address ?? "") : "",
      formatPorts(instance),
      instance.image,
      formatAge(now - createdAt),
      instance.id.slice(0, 12),
    ];
  });
  return formatTable(columns, rows);
}
