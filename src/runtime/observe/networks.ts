import type { Engine } from "../../docker/client/engine.ts";
import { listContainers, type ContainerSummary } from "../../docker/containers/list.ts";
import { listNetworks, type NetworkSummary } from "../../docker/networks.ts";
import { labels } from "../../model/labels.ts";
import type { ObservedNetwork } from "../../model/networks.ts";
import type { ProjectIdentity } from "../../model/resource-names.ts";

/** All networks of the Engine, with the containers that they have. */
export async function observeNetworksWithUsers(engine: Engine): Promise<ObservedNetwork[]> {
  const [networks, containers] = await Promise.all([
    listNetworks(engine),
    listContainers(engine, []),
  ]);
  return networks.map((network) => toObservedNetwork(network, containers));
}

/** A network with the containers that it has. */
export function toObservedNetwork(
  { id, name, labels: values, subnets, settings }: NetworkSummary,
  containers: readonly ContainerSummary[],
): ObservedNetwork {
  return {
    id,
    name,
    project: values[labels.project] ?? "",
    origin: values[labels.folder] ?? "",
    subnets,
    definition: values[labels.definition],
    settings,
    users: containers.flatMap((container) => {
      const endpoint = container.networks[name];
      if (!endpoint || !isOf(endpoint.network, { id, name })) return [];
      const address = endpoint.address || (endpoint.fixedAddress ?? "");
      return [{ id: container.id, name: container.name, address }];
    }),
  };
}

/** The id is empty before a container's first start, and Podman gives the name as the id. */
function isOf(network: string, { id, name }: Pick<NetworkSummary, "id" | "name">): boolean {
  return ["", id, name].includes(network);
}

interface FoundNetwork {
  readonly name: string;
  /** It spans machines, and other ones may use it. */
  readonly isSpanning: boolean;
  readonly project: ProjectIdentity;
}

/** Finds the networks that projects of an origin have made; their instances may all be gone. */
export async function findProjectNetworks(
  engine: Engine,
  { name, origin }: { readonly name: string | undefined; readonly origin: string },
): Promise<readonly FoundNetwork[]> {
  const networks = (await listNetworks(engine)).filter(
    ({ labels: values }) => values[labels.folder] === origin,
  );
  const project = name ?? networks[0]?.labels[labels.project];
  return networks
    .filter(({ labels: values }) => values[labels.project] === project)
    .map(({ name: own, isSpanning }) => ({
      name: own,
      isSpanning,
      project: { name: project ?? "", origin },
    }));
}

/** The networks of the Engine, without the containers that they have. */
export async function observeNetworks(engine: Engine): Promise<ObservedNetwork[]> {
  return (await listNetworks(engine)).map((network) => toObservedNetwork(network, []));
}
