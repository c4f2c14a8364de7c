import { byText } from "../by-text.ts";
import { listContainers, type ContainerSummary } from "../docker/containers.ts";
import type { Engine } from "../docker/connect.ts";
import { findImages } from "../docker/images.ts";
import { listNetworks, type NetworkSummary } from "../docker/networks.ts";
import { defaultDnsSettings } from "../dns-settings.ts";
import { folderFilter, labels } from "../plan/labels.ts";
import { keysFolder, networkNameOf, scopeOf } from "../plan/names.ts";
import type {
  Observed,
  ObservedInstance,
  ObservedKeeper,
  Registered,
  Stranger,
} from "../plan/observed.ts";
import type { Register } from "../plan/steps.ts";
import { hostNameOf } from "../project/names.ts";
import { instanceTypes, type Project } from "../project/types.ts";
import { keysDigest, secretDigest } from "./digests.ts";
import { hostSubnets } from "./host-networks.ts";

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
  const [containers, networks, found] = await Promise.all([
    listContainers(engine, []),
    listNetworks(engine),
    findImages(engine, images),
  ]);
  const own = networks.find(
    (network) => network.name === networkNameOf(project) && belongsTo(network, project),
  );
  const subnet = own?.subnets[0];
  const ofProject = containers.filter((container) => belongsTo(container, project));
  return {
    ...sortOut(ofProject, project.folder),
    publishers: containers
      .filter(({ ports }) => ports.some(({ host }) => host !== undefined))
      .map((container) => instanceOf(container)),
    digestSecret: secretDigest(keysFolder(project)),
    subnet,
    strangers: [
      ...strangersAmong("container", containers, project),
      ...strangersAmong("network", networks, project),
    ],
    takenSubnets: subnet === undefined ? takenSubnets(networks, engine) : [],
    images: found,
  };
}

function takenSubnets(networks: readonly NetworkSummary[], { local }: Engine): string[] {
  return [...networks.flatMap(({ subnets }) => subnets), ...(local ? hostSubnets() : [])];
}

interface Place {
  /** Undefined: every project of the folder. */
  readonly name: string | undefined;
  readonly folder: string;
}

/** The containers of a project's folder, stopped ones too; of one name only, when it is known. */
export async function observeContainers(
  engine: Engine,
  { name, folder }: Place,
): Promise<Pick<Observed, "instances" | "keeper">> {
  const filters = [folderFilter(folder)];
  if (name !== undefined) filters.push(`${labels.project}=${name}`);
  return sortOut(await listContainers(engine, filters), folder);
}

/** The instances alone. */
export async function observeInstances(
  engine: Engine,
  place: Place,
): Promise<readonly ObservedInstance[]> {
  return (await observeContainers(engine, place)).instances;
}

type Labelled = Pick<ContainerSummary, "labels" | "name">;

/** Whatever begins with the project's own name on the Engine and is not of it. */
function strangersAmong(
  kind: Stranger["kind"],
  all: readonly Labelled[],
  project: Pick<Project, "name" | "folder">,
): Stranger[] {
  return all
    .filter((one) => one.name.startsWith(scopeOf(project)) && !belongsTo(one, project))
    .map(({ name, labels: own }) => ({
      kind,
      name,
      project: own[labels.project] ?? "",
      folder: own[labels.folder] ?? "",
    }));
}

/** The same as those filters do, where every container is asked for anyway. */
function belongsTo(
  { labels: own }: Labelled,
  { name, folder }: Pick<Project, "name" | "folder">,
): boolean {
  return own[labels.folder] === folder && own[labels.project] === name;
}

/** By the instance's label, because an image carries the others too, and whatever is run from it. */
function sortOut(
  containers: readonly ContainerSummary[],
  folder: string,
): Pick<Observed, "instances" | "keeper"> {
  const keys = keysDigest(keysFolder({ folder }));
  return {
    instances: containers
      .filter((container) => container.labels[labels.instance] !== undefined)
      .map((container) => instanceOf(container, keys))
      .toSorted((one, other) => byText(one.host, other.host)),
    keeper: containers
      .filter((one) => one.labels[labels.role] === "keeper")
      .map((one) => keeperOf(one, keys))[0],
  };
}

function keeperOf(
  { id, labels: own, state }: ContainerSummary,
  keys: string | undefined,
): ObservedKeeper {
  return {
    id,
    project: own[labels.project] ?? "",
    folder: own[labels.folder] ?? "",
    isRunning: state === "running",
    settings: own[labels.definition] ?? "",
    hasOldKeys: isOther(own[labels.keys], keys),
  };
}

/** Unknown is not other: the keys are gone, or of another project. */
function isOther(made: string | undefined, now: string | undefined): boolean {
  return made !== undefined && now !== undefined && made !== now;
}

/** The network of a project whose instances are all gone, if there is one. */
export async function observeNetwork(
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

/** Every container on the Engine; those that are not ours go by their container's name. */
export async function observeEverything(engine: Engine): Promise<ObservedInstance[]> {
  return (await listContainers(engine, [])).map((container) => instanceOf(container));
}

/** @param keys digest of the project's keys, where they matter */
function instanceOf(container: ContainerSummary, keys?: string): ObservedInstance {
  const { labels: own } = container;
  const service = own[labels.service] ?? "";
  const instance = own[labels.instance] ?? "";
  const project = own[labels.project] ?? "";
  const folder = own[labels.folder] ?? "";
  const secrets = own[labels.secrets] ?? "";
  const network = container.networks[networkNameOf({ name: project, folder })];
  return {
    id: container.id,
    containerName: container.name,
    project,
    folder,
    service,
    instance,
    host: instance === "" ? container.name : hostNameOf(service, instance),
    instanceType: instanceTypes.find((type) => type === own[labels.instanceType]) ?? "standard",
    group: own[labels.group],
    conf: own[labels.conf],
    image: own[labels.image] || container.image,
    imageId: container.imageId,
    secrets: secrets === "" ? [] : secrets.split(","),
    isDns: own[labels.dns] === "true",
    temporaryVolume: own[labels.temporaryVolume],
    hasEntrypoint: own[labels.base] === "true",
    state: container.state,
    health: /\((?:health: )?(healthy|unhealthy|starting)\)/.exec(container.status)?.[1],
    address: network?.address || network?.fixedAddress || own[labels.address],
    ports: container.ports.toSorted(byNumber),
    createdAt: container.createdAt,
    definition: parsed<Record<string, string>>(own[labels.definition]) ?? {},
    registered: registeredOf(own[labels.registration]),
    hasOldKeys: isOther(own[labels.keys], keys),
  };
}

/** The Engine lists ports in another order each time. */
function byNumber(
  one: ContainerSummary["ports"][number],
  other: ContainerSummary["ports"][number],
): number {
  return one.container - other.container || byText(one.protocol, other.protocol);
}

/** How an instance with these labels is registered. */
export function registrationIn(own: Readonly<Record<string, string>>): Register | undefined {
  const registered = registeredOf(own[labels.registration]);
  const [service, instance] = [own[labels.service], own[labels.instance]];
  if (!registered || service === undefined || instance === undefined) return undefined;
  return { ...registered, service, instance };
}

function registeredOf(json: string | undefined): Registered | undefined {
  const registered = parsed<Registered>(json);
  return registered && { ...defaultDnsSettings, ...registered };
}

/** Anybody can put any text into a label: what is no JSON says nothing, instead of keeping every command from looking. */
function parsed<Value>(json: string | undefined): Value | undefined {
  if (!json) return undefined;
  try {
    return JSON.parse(json) as Value;
  } catch {
    return undefined;
  }
}
