import type { ContainerSummary } from "../../docker/containers/list.ts";
import { isRecord } from "../../lib/is-record.ts";
import { compareStrings } from "../../lib/compare-strings.ts";
import { defaultDnsSettings } from "../../model/dns-settings.ts";
import { instanceTypes } from "../../model/instance-types.ts";
import { labels, parseLabel } from "../../model/labels.ts";
import { noKeys } from "../keys/digests.ts";
import type { ObservedInstance, ObservedKeeper, Registration } from "../../model/observed.ts";
import { containerNameOf, networkNameOf } from "../../model/resource-names.ts";
import type { Register } from "../../model/readiness.ts";

type InstanceLabels = ContainerSummary["labels"];

/**
 * Reads an instance from its container.
 *
 * @param keys digest of the project's keys, to detect outdated ones
 */
export function toInstance(
  { labels: values, networks, ports, status, ...container }: ContainerSummary,
  keys?: string,
): ObservedInstance {
  const { project, origin, service, instance } = identityOf(values);
  return {
    id: container.id,
    containerName: container.name,
    project,
    origin,
    service,
    instance,
    // The same as hostNameOf, without checking the names again.
    host: instance === "" ? container.name : `${service}-${instance}`,
    instanceType: instanceTypes.find((type) => type === values[labels.instanceType]) ?? "standard",
    ...groupOf(values),
    conf: values[labels.conf],
    image: values[labels.image] || container.image,
    imageId: container.imageId,
    // The Engine lists the id where the name means another image.
    hasNamelessImage: hasName(values[labels.image]) && !hasName(container.image),
    secrets: values[labels.secrets]?.split(",").filter((name) => name !== "") ?? [],
    temporaryVolume: values[labels.temporaryVolume],
    ...imageTraits(values),
    state: container.state,
    exitCode: parseExitCode(status),
    upFor: parseUpTime(status),
    isJob: values[labels.job] === "true",
    version: parseVersion(values[labels.version]),
    commit: values[labels.commit],
    health: parseHealth(status),
    ...placeOf(values, networks),
    networkMode: container.networkMode,
    // The Engine lists them in another order each time.
    ports: ports.toSorted(comparePorts),
    createdAt: container.createdAt,
    definition: values[labels.definition],
    registered: parseRegistrationLabel(values),
    after: values[labels.after]?.split(",") ?? [],
    readiness: values[labels.ready],
    hooks: values[labels.hooks],
    isAdHoc: values[labels.adHoc] === "true",
    isAttached: values[labels.session] !== undefined,
    mounts: container.mounts,
    predecessor: undefined,
    ...keyTraits(values, keys),
  };
}

function keyTraits(
  values: InstanceLabels,
  keys: string | undefined,
): Pick<ObservedInstance, "hasOldKeys" | "hasLostKeys"> {
  const hasLostKeys = keys === noKeys && usesKeys(values);
  return { hasOldKeys: hasOtherKeys(values, keys), ...(hasLostKeys && { hasLostKeys }) };
}

/**
 * The digest to compare with: undefined for a project that has no keys, where nothing was made with any that it would need.
 */
export function keysToCompare(
  containers: readonly Pick<ContainerSummary, "labels">[],
  keys: string | undefined,
): string | undefined {
  if (keys !== noKeys) return keys;
  return containers.some(({ labels: values }) => usesKeys(values)) ? keys : undefined;
}

/** The keys are mounted into what is based on reyns/reyns-base, and into the keeper. */
function usesKeys(values: InstanceLabels): boolean {
  const hasThem = values[labels.base] === "true" || values[labels.role] === "keeper";
  return hasThem && Boolean(values[labels.keys]);
}

function groupOf(values: InstanceLabels): Pick<ObservedInstance, "group" | "node"> {
  return { group: values[labels.group], node: values[labels.node] };
}

/** What a container inherits from the labels of its image. */
function imageTraits(
  values: InstanceLabels,
): Pick<ObservedInstance, "isDns" | "isRouter" | "hasEntrypoint"> {
  return {
    isDns: values[labels.dns] === "true",
    isRouter: values[labels.router] === "true",
    hasEntrypoint: values[labels.base] === "true",
  };
}

/** Its label names the networks that it was put into, if not the project's own alone. */
function placeOf(
  values: InstanceLabels,
  networks: ContainerSummary["networks"],
): Pick<ObservedInstance, "address" | "networks" | "isDisconnected"> {
  const project = { name: values[labels.project] ?? "", origin: values[labels.folder] ?? "" };
  const expected = values[labels.networks]?.split(",").filter(Boolean) ?? [networkNameOf(project)];
  const network = networks[expected[0] ?? ""];
  const isInHost = values[labels.address] !== undefined;
  return {
    address: network?.address || network?.fixedAddress || values[labels.address],
    networks: Object.entries(networks).map(([name, { address, fixedAddress = "" }]) => ({
      name,
      address: address || fixedAddress,
    })),
    isDisconnected: !isInHost && expected.some((name) => networks[name] === undefined),
  };
}

/** False for an image's id. */
function hasName(image: string | undefined): boolean {
  return Boolean(image) && !/^(?:sha256:)?[0-9a-f]{12,64}$/.test(image ?? "");
}

/** @param keys digest of the project's keys */
export function toKeeper(
  { id, name, labels: values, state, networks, mounts }: ContainerSummary,
  keys: string | undefined,
): ObservedKeeper {
  const project = { name: values[labels.project] ?? "", origin: values[labels.folder] ?? "" };
  return {
    id,
    project: project.name,
    origin: project.origin,
    state,
    isConnected: networks[networkNameOf(project)] !== undefined,
    mounts,
    isRenamed: name !== containerNameOf(project, "keeper"),
    settings: values[labels.definition] ?? "",
    hasOldKeys: hasOtherKeys(values, keys),
  };
}

/** Unknown keys are not outdated: they cannot be read, or belong to another project. */
function hasOtherKeys(values: InstanceLabels, keys: string | undefined): boolean {
  const recorded = values[labels.keys];
  return recorded !== undefined && keys !== undefined && recorded !== keys;
}

/** "Exited (137) 23 seconds ago", "Restarting (5) 3 seconds ago" */
function parseExitCode(status: string): number | undefined {
  const code = /^(?:Exited|Restarting) \((\d+)\)/.exec(status)?.[1];
  return code === undefined ? undefined : Number(code);
}

/** "Up 2 minutes (healthy)" -> "2 minutes" */
function parseUpTime(status: string): string | undefined {
  return /^Up ([^(]+?)(?: \(.*)?$/.exec(status)?.[1];
}

/** "Up 2 minutes (healthy)", "Up 1 second (health: starting)" */
function parseHealth(status: string): string | undefined {
  return /\((?:health: )?(healthy|unhealthy|starting)\)$/.exec(status)?.[1];
}

type Port = ContainerSummary["ports"][number];

function comparePorts(a: Port, b: Port): number {
  return a.container - b.container || compareStrings(a.protocol, b.protocol);
}

/** The registration of an instance with these labels. */
export function parseRegistration(values: InstanceLabels): Register | undefined {
  const registered = parseRegistrationLabel(values);
  const [service, instance] = [values[labels.service], values[labels.instance]];
  if (!registered || service === undefined || instance === undefined) return undefined;
  return { ...registered, service, instance };
}

/**
 * A label without newer settings has their defaults. One that another version wrote in another form counts as none: the
 * instance can be stopped and removed all the same, and the reaper removes its names.
 */
function parseRegistrationLabel(values: InstanceLabels): Registration | undefined {
  const label = parseLabel<Partial<Registration>>(values[labels.registration]);
  if (!isRecord(label)) return undefined;
  const registered = { ...defaultDnsSettings, ...label };
  return isRegistration(registered) ? registered : undefined;
}

const policies: ReadonlySet<unknown> = new Set(["REPLACE", "APPEND", "HIDE"]);
const ipv4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

function isRegistration(given: Partial<Registration>): given is Registration {
  const { server, address, policy, zone, ttl, lease, renew } = given;
  return (
    [server, address].every((text) => typeof text === "string" && ipv4.test(text)) &&
    [ttl, lease, renew].every((number) => typeof number === "number") &&
    typeof zone === "string" &&
    policies.has(policy)
  );
}

/** Anybody can put anything into a label. */
function parseVersion(label: string | undefined): number | undefined {
  return label !== undefined && /^[1-9]\d{0,8}$/.test(label) ? Number(label) : undefined;
}

function identityOf(
  values: InstanceLabels,
): Pick<ObservedInstance, "project" | "origin" | "service" | "instance"> {
  return {
    project: values[labels.project] ?? "",
    origin: values[labels.folder] ?? "",
    service: values[labels.service] ?? "",
    instance: values[labels.instance] ?? "",
  };
}
