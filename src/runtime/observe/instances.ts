import type { ContainerSummary } from "../../docker/containers/list.ts";
import { compareStrings } from "../../lib/compare-strings.ts";
import { defaultDnsSettings } from "../../model/dns-settings.ts";
import { instanceTypes } from "../../model/instance-types.ts";
import { labels, parseLabel } from "../../model/labels.ts";
import type { ObservedInstance, ObservedKeeper, Registration } from "../../model/observed.ts";
import { networkNameOf } from "../../model/resource-names.ts";
import type { Register } from "../../model/steps.ts";

type Labels = ContainerSummary["labels"];

/**
 * Reads an instance from its container.
 *
 * @param keys digest of the project's keys, to detect outdated ones
 */
export function toInstance(
  { labels: own, networks, ports, status, ...container }: ContainerSummary,
  keys?: string,
): ObservedInstance {
  const project = own[labels.project] ?? "";
  const folder = own[labels.folder] ?? "";
  const service = own[labels.service] ?? "";
  const instance = own[labels.instance] ?? "";
  const network = networks[networkNameOf({ name: project, folder })];
  return {
    id: container.id,
    containerName: container.name,
    project,
    folder,
    service,
    instance,
    // The same as hostNameOf, without checking the names again.
    host: instance === "" ? container.name : `${service}-${instance}`,
    instanceType: instanceTypes.find((type) => type === own[labels.instanceType]) ?? "standard",
    group: own[labels.group],
    conf: own[labels.conf],
    image: own[labels.image] || container.image,
    imageId: container.imageId,
    secrets: own[labels.secrets]?.split(",").filter((name) => name !== "") ?? [],
    isDns: own[labels.dns] === "true",
    temporaryVolume: own[labels.temporaryVolume],
    hasEntrypoint: own[labels.base] === "true",
    state: container.state,
    health: parseHealth(status),
    address: network?.address || network?.fixedAddress || own[labels.address],
    // The Engine lists them in another order each time.
    ports: ports.toSorted(comparePorts),
    createdAt: container.createdAt,
    definition: own[labels.definition],
    registered: parseRegistrationLabel(own),
    after: own[labels.after]?.split(",") ?? [],
    readiness: own[labels.ready],
    isAdHoc: own[labels.adHoc] === "true",
    mounts: container.mounts,
    predecessor: undefined,
    hasOldKeys: hasOtherKeys(own, keys),
  };
}

/** @param keys digest of the project's keys */
export function toKeeper(
  { id, labels: own, state }: ContainerSummary,
  keys: string | undefined,
): ObservedKeeper {
  return {
    id,
    project: own[labels.project] ?? "",
    folder: own[labels.folder] ?? "",
    isRunning: state === "running",
    settings: own[labels.definition] ?? "",
    hasOldKeys: hasOtherKeys(own, keys),
  };
}

/** Unknown keys are not outdated: they are missing here, or belong to another project. */
function hasOtherKeys(own: Labels, keys: string | undefined): boolean {
  const recorded = own[labels.keys];
  return recorded !== undefined && keys !== undefined && recorded !== keys;
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
export function parseRegistration(own: Labels): Register | undefined {
  const registered = parseRegistrationLabel(own);
  const [service, instance] = [own[labels.service], own[labels.instance]];
  if (!registered || service === undefined || instance === undefined) return undefined;
  return { ...registered, service, instance };
}

/** A label without newer settings has their defaults. */
function parseRegistrationLabel(own: Labels): Registration | undefined {
  const registered = parseLabel<Registration>(own[labels.registration]);
  return registered && { ...defaultDnsSettings, ...registered };
}
