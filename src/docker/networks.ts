import type Docker from "dockerode";
import { readAnswer, requireString } from "./client/answers.ts";
import type { Engine } from "./client/engine.ts";
import { errorStatus } from "./client/errors.ts";
import { getJson, request, requestIfExists } from "./client/request.ts";

export interface NetworkSummary {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** In CIDR notation, such as "10.200.0.0/20". */
  readonly subnets: readonly string[];
}

export interface NetworkSpec {
  readonly name: string;
  readonly subnet: string;
  readonly gateway: string;
  /** The range from which the Engine assigns addresses to containers without a fixed one. */
  readonly ipRange: string;
  readonly labels: Readonly<Record<string, string>>;
}

export async function listNetworks(engine: Engine): Promise<NetworkSummary[]> {
  const networks = await getJson<Docker.NetworkInspectInfo[]>(engine, "/networks");
  return readAnswer(engine, networks, (list) =>
    list.map((network) => ({
      id: requireString(network.Id),
      name: requireString(network.Name),
      labels: network.Labels ?? {},
      subnets: (network.IPAM?.Config ?? []).flatMap((config) => config.Subnet ?? []),
    })),
  );
}

/** @throws ReynsError ENGINE_REFUSED; with status 403 when the subnet overlaps with that of another network */
export async function createNetwork(engine: Engine, spec: NetworkSpec): Promise<void> {
  const body: Docker.NetworkCreateOptions = {
    Name: spec.name,
    Driver: "bridge",
    CheckDuplicate: true,
    Labels: { ...spec.labels },
    IPAM: {
      Driver: "default",
      Config: [{ Subnet: spec.subnet, Gateway: spec.gateway, IPRange: spec.ipRange }],
    },
  };
  await request(engine, { method: "POST", path: "/networks/create", body });
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

/** Names of the containers attached to a network. */
export async function listNetworkUsers(engine: Engine, id: string): Promise<string[]> {
  const network = await requestIfExists<Docker.NetworkInspectInfo>(engine, {
    method: "GET",
    path: `/networks/${id}`,
  });
  return Object.values(network?.Containers ?? {}).map(({ Name }) => Name);
}

/**
 * Removes a network. Does nothing if it is gone.
 *
 * @returns false when a container still uses it
 */
export async function removeNetwork(engine: Engine, id: string): Promise<boolean> {
  try {
    await requestIfExists(engine, { method: "DELETE", path: `/networks/${id}` });
    return true;
  } catch (error) {
    if (errorStatus(error) === 403) return false;
    throw error;
  }
}
