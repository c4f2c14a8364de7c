import { listContainers, type ContainerSummary } from "../../docker/containers/list.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { findImages } from "../../docker/images/images.ts";
import { listNetworks, type NetworkSummary } from "../../docker/networks.ts";
import { labels } from "../../model/labels.ts";
import { keysFolder, networkNameOf, scopeOf } from "../../model/resource-names.ts";
import type { Observed, NameConflict } from "../../model/observed.ts";
import type { Project } from "../../model/project.ts";
import { keysDigest, secretDigest } from "../keys/digests.ts";
import { hostSubnets } from "../host/routes.ts";
import { toInstances, partitionContainers } from "./containers.ts";

/**
 * Looks once at everything that a plan depends on.
 *
 * @param images names of those that it may have to know of, each with its tag
 */
export async function observe(
  engine: Engine,
  project: Pick<Project, "name" | "folder">,
  images: readonly string[],
): Promise<Observed> {
  const folder = keysFolder(project);
  const [containers, networks, found, keys, digestSecret] = await Promise.all([
    listContainers(engine, []),
    listNetworks(engine),
    findImages(engine, images),
    keysDigest(folder),
    secretDigest(folder),
  ]);
  const own = networks.find(
    (network) => network.name === networkNameOf(project) && belongsTo(network, project),
  );
  const subnet = own?.subnets[0];
  const ofProject = containers.filter((container) => belongsTo(container, project));
  return {
    ...partitionContainers(ofProject, keys),
    publishers: toInstances(
      containers.filter(({ ports }) => ports.some(({ host }) => host !== undefined)),
    ),
    digestSecret,
    subnet,
    nameConflicts: [
      ...findConflicts("container", containers, project),
      ...findConflicts("network", networks, project),
    ],
    takenSubnets: subnet === undefined ? listTakenSubnets(networks, engine) : [],
    images: found,
  };
}

function listTakenSubnets(networks: readonly NetworkSummary[], { local }: Engine): string[] {
  return [...networks.flatMap(({ subnets }) => subnets), ...(local ? hostSubnets() : [])];
}

type LabelledResource = Pick<ContainerSummary, "labels" | "name">;

/** Whatever begins with the project's own name on the Engine and is not of it. */
function findConflicts(
  kind: NameConflict["kind"],
  all: readonly LabelledResource[],
  project: Pick<Project, "name" | "folder">,
): NameConflict[] {
  const scope = scopeOf(project);
  return all
    .filter((one) => one.name.startsWith(scope) && !belongsTo(one, project))
    .map(({ name, labels: own }) => ({
      kind,
      name,
      project: own[labels.project] ?? "",
      folder: own[labels.folder] ?? "",
    }));
}

/** The same as the filters of a list do, where every container is asked for anyway. */
function belongsTo(
  { labels: own }: LabelledResource,
  { name, folder }: Pick<Project, "name" | "folder">,
): boolean {
  return own[labels.folder] === folder && own[labels.project] === name;
}

/** The network of a project whose instances are all gone, if there is one. */
export async function findNetworkName(
  engine: Engine,
  { name, folder }: { readonly name: string | undefined; readonly folder: string },
): Promise<string | undefined> {
  const networks = await listNetworks(engine);
  const own = networks.find(
    (network) =>
      network.labels[labels.folder] === folder &&
      (name === undefined || network.labels[labels.project] === name),
  );
  return own?.name;
}
