import { isRunning, type ObservedInstance } from "../plan/observed.ts";
import { table, type Column } from "./table.ts";
import { formatAge } from "./style.ts";

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

export function instanceJson(instance: ObservedInstance): InstanceJson {
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

/** Running, and not told by its HEALTHCHECK that it is not well. */
function isReady({ state, health }: ObservedInstance): boolean {
  return state === "running" && (health === undefined || health === "healthy");
}

const columns: readonly Column<ObservedInstance>[] = [
  { title: "SERVICE", value: ({ service }) => service, shrinks: "last" },
  { title: "INSTANCE", value: ({ instance }) => instance, shrinks: "last" },
  { title: "TYPE", value: ({ instanceType }) => (instanceType === "standard" ? "" : instanceType) },
  { title: "GROUP", value: ({ group }) => group ?? "" },
  {
    title: "STATE",
    value: ({ state, health }) => (health === undefined ? state : `${state}, ${health}`),
    colour: stateColour,
  },
  { title: "ADDRESS", value: (instance) => (isRunning(instance) ? (instance.address ?? "") : "") },
  { title: "PORTS", value: portsText, shrinks: "last" },
  { title: "IMAGE", value: ({ image }) => image, shrinks: true, dropped: true },
  { title: "AGE", value: ageText, dropped: true },
  { title: "ID", value: ({ id }) => id.slice(0, 12), dropped: true },
];

function ageText({ createdAt }: ObservedInstance): string {
  return formatAge(Date.now() / 1000 - createdAt);
}

function stateColour(instance: ObservedInstance): "green" | "yellow" | "red" {
  if (isReady(instance)) return "green";
  return isRunning(instance) ? "yellow" : "red";
}

/** "192.0.2.7:53/tcp+udp", "8080->80/tcp" */
function portsText({ ports }: ObservedInstance): string {
  // Most have none, and people wait for lists.
  if (ports.length === 0) return "";
  const shown = ports.filter(({ host, ip }) => host !== undefined && !ip.includes(":"));
  const byPort = new Map<string, string[]>();
  for (const { container, host, protocol, ip } of shown) {
    const place = ip === "" || ip === "0.0.0.0" ? `${host}` : `${ip}:${host}`;
    const name = host === container ? place : `${place}->${container}`;
    byPort.set(name, [...(byPort.get(name) ?? []), protocol]);
  }
  return [...byPort]
    .map(([name, protocols]) => `${name}/${[...new Set(protocols)].toSorted().join("+")}`)
    .join(", ");
}

export function instanceTable(instances: readonly ObservedInstance[]): string {
  return table(instances, columns);
}
