import { compareStrings } from "../../lib/compare-strings.ts";
import { listContainers, type ContainerSummary } from "../../docker/containers/list.ts";
import type { Engine } from "../../docker/client/engine.ts";
import { defaultDnsSettings } from "../../model/dns-settings.ts";
import { folderFilter, parseLabel, labels } from "../../model/labels.ts";
import { keysFolder, networkNameOf, previousNameOf } from "../../model/resource-names.ts";
import type {
  Observed,
  ObservedInstance,
  ObservedKeeper,
  Registration,
} from "../../model/observed.ts";
import type { Register } from "../../model/steps.ts";
import { instanceTypes } from "../../model/instance-types.ts";
import { keysDigest } from "../keys/digests.ts";

// People wait for lists: nothing here loads `node:fs`, which takes one or two milliseconds, and what is done for each
// container is in loops: the first call of `map` and its like takes 0.07 ms.

interface ProjectScope {
  /** Undefined: every project of the folder. */
  readonly name: string | undefined;
  readonly folder: string;
}

/**
 * The containers of a project's folder, stopped ones too; of one name only, when it is known.
 *
 * @param nameOf finds out which while the Engine answers; undefined for every project of the folder
 */
export async function observeContainers(
  engine: Engine,
  folder: string,
  nameOf: () => Promise<string | undefined>,
): Promise<Pick<Observed, "instances" | "keeper"> & Pick<ProjectScope, "name">> {
  // The request goes first: the rest has time until the Engine answers.
  const beside = new Promise(setImmediate).then(() =>
    Promise.all([nameOf(), keysDigest(keysFolder({ folder }))]),
  );
  const [listed, [name, keys]] = await Promise.all([
    listContainers(engine, [folderFilter(folder)]),
    beside,
  ]);
  const own: ContainerSummary[] = [];
  for (const container of listed)
    if (name === undefined || container.labels[labels.project] === name) own.push(container);
  return { name, ...partitionContainers(own, keys) };
}

/** The instances alone. */
export async function observeInstances(
  engine: Engine,
  { name, folder }: ProjectScope,
): Promise<readonly ObservedInstance[]> {
  return (await observeContainers(engine, folder, async () => name)).instances;
}

/** Every container on the Engine; those that are not ours go by their container's name. */
export async function observeAllContainers(engine: Engine): Promise<ObservedInstance[]> {
  return toInstances(await listContainers(engine, []));
}

/**
 * What the containers of a project are. By the instance's label, because an image carries the others too, and whatever
 * is run from it.
 *
 * @param keys digest of the project's keys
 */
export function partitionContainers(
  containers: readonly ContainerSummary[],
  keys: string | undefined,
): Pick<Observed, "instances" | "keeper"> {
  const own: ContainerSummary[] = [];
  let keeper: ObservedKeeper | undefined;
  for (const container of containers) {
    if (container.labels[labels.instance] !== undefined) own.push(container);
    if (container.labels[labels.role] === "keeper") keeper ??= toKeeper(container, keys);
  }
  return { instances: sortByHost(pairPredecessors(toInstances(own, keys))), keeper };
}

/** A container that is being replaced is no instance of its own, unless nothing has taken its place yet. */
function pairPredecessors(instances: readonly ObservedInstance[]): ObservedInstance[] {
  const byName = new Map(instances.map((instance) => [instance.containerName, instance]));
  const previousOf = ({ containerName }: ObservedInstance): ObservedInstance | undefined =>
    byName.get(previousNameOf(containerName));
  const replaced = new Set(instances.flatMap((instance) => previousOf(instance) ?? []));
  return instances
    .filter((instance) => !replaced.has(instance))
    .map((instance) => ({ ...instance, predecessor: previousOf(instance)?.id }));
}

/** Those of the same host as they were. */
function sortByHost(instances: readonly ObservedInstance[]): ObservedInstance[] {
  const ofHost = new Map<string, ObservedInstance[]>();
  const hosts: string[] = [];
  for (const instance of instances) {
    const same = ofHost.get(instance.host);
    if (same) same.push(instance);
    else {
      ofHost.set(instance.host, [instance]);
      hosts.push(instance.host);
    }
  }
  const sorted: ObservedInstance[] = [];
  for (const host of hosts.toSorted()) sorted.push(...(ofHost.get(host) ?? []));
  return sorted;
}

function toKeeper(
  { id, labels: own, state }: ContainerSummary,
  keys: string | undefined,
): ObservedKeeper {
  return {
    id,
    project: own[labels.project] ?? "",
    folder: own[labels.folder] ?? "",
    isRunning: state === "running",
    settings: own[labels.definition] ?? "",
    hasOldKeys: keysDiffer(own[labels.keys], keys),
  };
}

/** Unknown is not other: the keys are gone, or of another project. */
function keysDiffer(made: string | undefined, now: string | undefined): boolean {
  return made !== undefined && now !== undefined && made !== now;
}

/** @param keys digest of the project's keys, where they matter */
export function toInstances(
  containers: readonly ContainerSummary[],
  keys?: string,
): ObservedInstance[] {
  const found: ObservedInstance[] = [];
  // Nearly all are of one project, and the name of its network is a digest.
  let owner: ContainerOwner | undefined;
  for (const container of containers) {
    const name = container.labels[labels.project] ?? "";
    const folder = container.labels[labels.folder] ?? "";
    if (owner?.name !== name || owner.folder !== folder)
      owner = { name, folder, network: networkNameOf({ name, folder }) };
    found.push(toInstance(container, owner, keys));
  }
  return found;
}

interface ContainerOwner {
  readonly name: string;
  readonly folder: string;
  readonly network: string;
}

function toInstance(
  container: ContainerSummary,
  owner: ContainerOwner,
  keys: string | undefined,
): ObservedInstance {
  const { labels: own, networks, ports } = container;
  const service = own[labels.service] ?? "";
  const instance = own[labels.instance] ?? "";
  const secrets = own[labels.secrets] ?? "";
  const registration = own[labels.registration];
  const made = own[labels.keys];
  const network = networks[owner.network];
  return {
    id: container.id,
    containerName: container.name,
    project: owner.name,
    folder: owner.folder,
    service,
    instance,
    // hostNameOf's own text.
    host: instance === "" ? container.name : `${service}-${instance}`,
    instanceType: instanceTypes[typeNames.indexOf(own[labels.instanceType])] ?? "standard",
    group: own[labels.group],
    conf: own[labels.conf],
    image: own[labels.image] || container.image,
    imageId: container.imageId,
    secrets: secrets === "" ? [] : secrets.split(","),
    isDns: own[labels.dns] === "true",
    temporaryVolume: own[labels.temporaryVolume],
    hasEntrypoint: own[labels.base] === "true",
    state: container.state,
    // Most have none, and a regular expression takes its time.
    health: container.status.endsWith(")") ? parseHealth(container.status) : undefined,
    address: network?.address || network?.fixedAddress || own[labels.address],
    ports: ports.length > 1 ? ports.toSorted(comparePorts) : ports,
    createdAt: container.createdAt,
    definition: own[labels.definition],
    // What is called here is called where there is something to find out.
    registered: registration === undefined ? undefined : parseRegistrationLabel(registration),
    after: own[labels.after]?.split(",") ?? [],
    readiness: own[labels.ready],
    isAdHoc: own[labels.adHoc] === "true",
    mounts: container.mounts,
    predecessor: undefined,
    hasOldKeys: made !== keys && keysDiffer(made, keys),
  };
}

/** "Up 2 minutes (healthy)", "Up 1 second (health: starting)" */
function parseHealth(status: string): string | undefined {
  return /\((?:health: )?(healthy|unhealthy|starting)\)$/.exec(status)?.[1];
}

/** For a label, which says anything. */
const typeNames: readonly (string | undefined)[] = instanceTypes;

/** The Engine lists ports in another order each time. */
function comparePorts(
  one: ContainerSummary["ports"][number],
  other: ContainerSummary["ports"][number],
): number {
  return one.container - other.container || compareStrings(one.protocol, other.protocol);
}

/** How an instance with these labels is registered. */
export function parseRegistration(own: Readonly<Record<string, string>>): Register | undefined {
  const registered = parseRegistrationLabel(own[labels.registration]);
  const [service, instance] = [own[labels.service], own[labels.instance]];
  if (!registered || service === undefined || instance === undefined) return undefined;
  return { ...registered, service, instance };
}

function parseRegistrationLabel(json: string | undefined): Registration | undefined {
  const registered = parseLabel<Registration>(json);
  return registered && { ...defaultDnsSettings, ...registered };
}
