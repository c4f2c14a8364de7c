import type Docker from "dockerode";
import { withoutUndefined } from "../lib/without-undefined.ts";
import type { AddressPool, NetworkSettings, NetworkSpec } from "../model/networks.ts";
import { readAnswer, requireString } from "./client/answers.ts";
import type { Engine } from "./client/engine.ts";
import { errorStatus } from "./client/errors.ts";
import { getJson, request, requestIfExists, requestUnless } from "./client/request.ts";

export interface NetworkSummary {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** In CIDR notation, such as "10.200.0.0/20". */
  readonly subnets: readonly string[];
  readonly settings: NetworkSettings;
  /** It spans the machines of a swarm. */
  readonly isSpanning: boolean;
  /** It is the swarm's own, for published ports. */
  readonly isIngress: boolean;
}

/** What the types of dockerode leave out. */
interface InspectedNetwork extends Docker.NetworkInspectInfo {
  readonly EnableIPv6: boolean;
}

interface InspectedPool {
  readonly Subnet?: string;
  readonly Gateway?: string;
  readonly IPRange?: string;
  readonly AuxiliaryAddresses?: Readonly<Record<string, string>>;
}

export async function listNetworks(engine: Engine): Promise<NetworkSummary[]> {
  const networks = await getJson<InspectedNetwork[]>(engine, "/networks");
  return readAnswer(engine, networks, (list) =>
    list.map((network) => ({
      id: requireString(network.Id),
      name: requireString(network.Name),
      labels: network.Labels ?? {},
      subnets: (network.IPAM?.Config ?? []).flatMap((config) => config.Subnet ?? []),
      settings: settingsOf(network),
      isSpanning: network.Scope === "swarm",
      isIngress: network.Ingress,
    })),
  );
}

function settingsOf(network: InspectedNetwork): NetworkSettings {
  const pools = (network.IPAM?.Config ?? []) as readonly InspectedPool[];
  return {
    driver: network.Driver,
    driverOpts: network.Options ?? {},
    internal: network.Internal,
    attachable: network.Attachable,
    enableIpv6: network.EnableIPv6,
    ipam: {
      driver: network.IPAM?.Driver,
      options: network.IPAM?.Options ?? {},
      config: pools.map((pool) => ({
        subnet: pool.Subnet,
        gateway: pool.Gateway,
        ipRange: pool.IPRange,
        auxAddresses: pool.AuxiliaryAddresses,
      })),
    },
    labels: network.Labels ?? {},
  };
}

/** @throws ReynsError ENGINE_REFUSED; with status 403 when a subnet overlaps with that of another network */
export async function createNetwork(engine: Engine, spec: NetworkSpec): Promise<void> {
  const { driver = "bridge", driverOpts, internal, attachable, enableIpv6, ipam } = spec.settings;
  const body: Docker.NetworkCreateOptions = {
    Name: spec.name,
    Driver: driver,
    CheckDuplicate: true,
    Internal: internal ?? false,
    Attachable: attachable ?? false,
    EnableIPv6: enableIpv6 ?? false,
    Options: { ...driverOpts },
    Labels: { ...spec.labels },
    IPAM: {
      Driver: ipam?.driver ?? "default",
      Options: { ...ipam?.options },
      Config: spec.pools.map(poolConfig),
    },
  };
  await request(engine, { method: "POST", path: "/networks/create", body });
}

function poolConfig({ subnet, gateway, ipRange, auxAddresses }: AddressPool): InspectedPool {
  return withoutUndefined({
    Subnet: subnet,
    Gateway: gateway,
    IPRange: ipRange,
    AuxiliaryAddresses: auxAddresses,
  });
}

export async function networkExists(engine: Engine, name: string): Promise<boolean> {
  const path = `/networks/${encodeURIComponent(name)}`;
  return (await requestIfExists(engine, { method: "GET", path })) !== undefined;
}

/** Puts a container into a network, with its names and addresses there. */
export async function connectNetwork(
  engine: Engine,
  network: string,
  container: string,
  endpoint: object,
): Promise<void> {
  const path = `/networks/${encodeURIComponent(network)}/connect`;
  const body = { Container: container, EndpointConfig: endpoint };
  await request(engine, { method: "POST", path, body });
}

/** Takes a container out of a network, whether it runs or not. Does nothing if it is not in it. */
export async function disconnectNetwork(
  engine: Engine,
  network: string,
  container: string,
): Promise<void> {
  const path = `/networks/${encodeURIComponent(network)}/disconnect`;
  const body = { Container: container, Force: true };
  await requestUnless([403, 404], engine, { method: "POST", path, body });
}

/** Names of the containers attached to a network. */
export async function listNetworkUsers(engine: Engine, id: string): Promise<string[]> {
  const network = await requestIfExists<Docker.NetworkInspectInfo>(engine, {
    method: "GET",
    path: `/networks/${id}`,
  });
  return Object.values(network?.Containers ?? {}).map(({ Name }) => Name);
}

/** A manager says so of containers on other machines, which it still counts for some time after their end. */
function isInSwarmUse(error: unknown): boolean {
  return error instanceof Error && /network \S+ is in use by/.test(error.message);
}

/** An Engine may still list a network that its swarm does not have any more. */
function isGoneFromSwarm(error: unknown): boolean {
  return error instanceof Error && /network \S+ not found/.test(error.message);
}

/**
 * Removes a network. Does nothing if it is gone.
 *
 * @returns false when a container still uses it
 */
export async function removeNetwork(engine: Engine, id: string): Promise<boolean> {
  // Podman refuses only by the network's name; by its id it takes it from those who use it.
  const { isPodman } = await engine.features();
  if (isPodman && (await listNetworkUsers(engine, id)).length > 0) return false;
  try {
    await requestIfExists(engine, { method: "DELETE", path: `/networks/${id}` });
    return true;
  } catch (error) {
    if (errorStatus(error) === 403 || isInSwarmUse(error)) return false;
    if (isGoneFromSwarm(error)) return true;
    throw error;
  }
}
