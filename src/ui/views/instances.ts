import { runningStates, type ObservedInstance } from "../../model/observed.ts";
import { table, type Column, type Row } from "../output/table.ts";
import { formatAge } from "../output/style.ts";

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
function isReady({ state, health }: Pick<ObservedInstance, "state" | "health">): boolean {
  return state === "running" && (health === undefined || health === "healthy");
}

const columns: readonly Column[] = [
  { title: "SERVICE", shrinks: "last" },
  { title: "INSTANCE", shrinks: "last" },
  { title: "TYPE" },
  { title: "GROUP" },
  { title: "STATE", colour: stateColour },
  { title: "ADDRESS" },
  { title: "PORTS", shrinks: "last" },
  { title: "IMAGE", shrinks: true, dropped: true },
  { title: "AGE", dropped: true },
  { title: "ID", dropped: true },
];

/** Of a state and a health, as they stand in a row. */
function stateColour(text: string): "green" | "yellow" | "red" {
  const [state = "", health] = text.split(", ");
  if (isReady({ state, health })) return "green";
  return runningStates.has(state) ? "yellow" : "red";
}

/** "192.0.2.7:53/tcp+udp", "8080->80/tcp" */
function portsText({ ports }: ObservedInstance): string {
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
  const now = Date.now() / 1000;
  // Instances are made in bunches.
  const ages = new Map<number, string>();
  const rows: Row[] = [];
  for (const instance of instances) {
    const { instanceType, state, health, ports, createdAt } = instance;
    const age = ages.get(createdAt) ?? formatAge(now - createdAt);
    ages.set(createdAt, age);
    rows.push([
      instance.service,
      instance.instance,
      instanceType === "standard" ? "" : instanceType,
      instance.group ?? "",
      health === undefined ? state : `${state}, ${health}`,
      runningStates.has(state) ? (instance.address ?? "") : "",
      ports.length === 0 ? "" : portsText(instance),
      instance.image,
      age,
      instance.id.slice(0, 12),
    ]);
  }
  return table(columns, rows);
}
