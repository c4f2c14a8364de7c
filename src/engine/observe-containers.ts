import { byText } from "../by-text.ts";
import { listContainers, type ContainerSummary } from "../docker/containers.ts";
import type { Engine } from "../docker/connect.ts";
import { defaultDnsSettings } from "../dns-settings.ts";
import { folderFilter, labels } from "../plan/labels.ts";
import { keysFolder, networkNameOf } from "../plan/names.ts";
import type { Observed, ObservedInstance, ObservedKeeper, Registered } from "../plan/observed.ts";
import type { Register } from "../plan/steps.ts";
import { hostNameOf } from "../project/names.ts";
import { instanceTypes } from "../project/types.ts";
import { keysDigest } from "./digests.ts";

// People wait for lists: nothing here loads `node:fs`, which takes one or two milliseconds.

interface Place {
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
): Promise<Pick<Observed, "instances" | "keeper"> & Pick<Place, "name">> {
  const [listed, name, keys] = await Promise.all([
    listContainers(engine, [folderFilter(folder)]),
    nameOf(),
    keysDigest(keysFolder({ folder })),
  ]);
  const own = listed.filter(
    ({ labels: its }) => name === undefined || its[labels.project] === name,
  );
  return { name, ...sortOut(own, keys) };
}

/** The instances alone. */
export async function observeInstances(
  engine: Engine,
  { name, folder }: Place,
): Promise<readonly ObservedInstance[]> {
  return (await observeContainers(engine, folder, async () => name)).instances;
}

/** Every container on the Engine; those that are not ours go by their container's name. */
export async function observeEverything(engine: Engine): Promise<ObservedInstance[]> {
  return (await listContainers(engine, [])).map((container) => instanceOf(container));
}

/**
 * What the containers of a project are. By the instance's label, because an image carries the others too, and whatever
 * is run from it.
 *
 * @param keys digest of the project's keys
 */
export function sortOut(
  containers: readonly ContainerSummary[],
  keys: string | undefined,
): Pick<Observed, "instances" | "keeper"> {
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

/** @param keys digest of the project's keys, where they matter */
export function instanceOf(container: ContainerSummary, keys?: string): ObservedInstance {
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
