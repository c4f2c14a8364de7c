import type Docker from "dockerode";
import { readAnswer, requireString } from "../client/answers.ts";
import type { Engine } from "../client/engine.ts";
import { getJson } from "../client/request.ts";
import type { ObservedMount } from "../../model/observed.ts";

/** A container in a listing. */
export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** created, running, paused, restarting, exited, dead */
  readonly state: string;
  /** Such as "Up 2 minutes (healthy)". */
  readonly status: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly networks: Readonly<Record<string, NetworkEndpoint>>;
  /** A network's name, `host`, `none`, `container:ID`. */
  readonly networkMode: string | undefined;
  /** Those of IPv4 before those of IPv6. */
  readonly ports: readonly ContainerPort[];
  readonly mounts: readonly ObservedMount[];
}

interface NetworkEndpoint {
  /** The network's id; empty before the container's first start. */
  readonly network: string;
  readonly address: string;
  readonly fixedAddress: string | undefined;
}

interface ContainerPort {
  readonly container: number;
  readonly host: number | undefined;
  readonly protocol: string;
  readonly ip: string;
}

/** Lists containers, including stopped ones, that have all of the labels (`name` or `name=value`). */
export async function listContainers(
  engine: Engine,
  labels: readonly string[],
): Promise<ContainerSummary[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: labels }));
  const path = `/containers/json?all=true&filters=${filters}`;
  const containers = await getJson<Docker.ContainerInfo[]>(engine, path);
  return readAnswer(engine, containers, (list) => list.map(summarize));
}

/** What Podman says for a moment, while it starts or ends a container. */
const podmanStates: Readonly<Record<string, string>> = {
  configured: "created",
  initialized: "created",
  stopping: "running",
  stopped: "exited",
};

function summarize(info: Docker.ContainerInfo): ContainerSummary {
  const networks = Object.entries(info.NetworkSettings?.Networks ?? {});
  return {
    id: requireString(info.Id),
    name: (info.Names[0] ?? "").replace(/^\//, ""),
    image: info.Image,
    imageId: info.ImageID,
    labels: info.Labels ?? {},
    state: podmanStates[info.State] ?? info.State,
    status: info.Status,
    createdAt: info.Created,
    networks: Object.fromEntries(networks.map(([name, network]) => [name, endpointOf(network)])),
    networkMode: info.HostConfig?.NetworkMode,
    ports: ipv4First((info.Ports ?? []).map(portOf)),
    mounts: (info.Mounts ?? []).map(mountOf),
  };
}

function mountOf({
  Type,
  Name,
  Source,
  Destination,
  RW,
}: Docker.ContainerInfo["Mounts"][number]): ObservedMount {
  const volume = Type === "volume" ? (Name ?? null) : null;
  return { source: Source, target: Destination, readOnly: !RW, volume };
}

function endpointOf({ NetworkID, IPAddress, IPAMConfig }: Docker.NetworkInfo): NetworkEndpoint {
  const fixed = (IPAMConfig as { IPv4Address?: string } | null)?.IPv4Address;
  return { network: NetworkID, address: IPAddress, fixedAddress: fixed || undefined };
}

/** The Engine lists them in any order, and may have chosen another free port for IPv6. */
function ipv4First(ports: readonly ContainerPort[]): readonly ContainerPort[] {
  const isIpv6 = ({ ip }: ContainerPort): boolean => ip.includes(":");
  return [...ports.filter((port) => !isIpv6(port)), ...ports.filter(isIpv6)];
}

function portOf({ PrivatePort, PublicPort, Type, IP }: Docker.Port): ContainerPort {
  // Missing for a port that is not published.
  const host = PublicPort as number | undefined;
  return { container: PrivatePort, host, protocol: Type, ip: IP ?? "" };
}
