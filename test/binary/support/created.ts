// What a program has asked an Engine to create, in a form in which two programs can be compared.
//
// These are the differences between Reyns and docker-compose, which the form leaves out:
//
// | what | why |
// | --- | --- |
// | names of containers, of the project's networks and of images that it builds | names of our own; others reach all by Compose's names, too |
// | labels io.reyns.* and com.docker.compose.*, variables REYNS_* | of our own |
// | Hostname, unless the file gives it | SERVICE-INSTANCE instead of the container's id, the same after a replacement |
// | aliases that are more than Compose's | SERVICE-INSTANCE, and its name in the zone |
// | subnets, and addresses in them | planned from names, so that links survive a replacement |
// | the project's own network | there even if no container is in it |
// | links | by a line of /etc/hosts and a variable NAME_SERVICE_IP, not by the Engine's links |
// | DnsSearch and DnsOptions of a container in internal networks alone | its lookups answer at once |
// | volumes_from | the mounts of the other container, written out |
// | variables without a value | not given; Compose takes them from the image's |
// | volumes without a name | they have one, so that their data survives a replacement |
// | a volume that is made with its container | the Engine makes it by the same driver, options and labels |
// | the order of hosts, limits and mounts | none is given |
// | AttachStdout, AttachStderr, ConsoleSize, CheckDuplicate, CAP_, addresses beside IPAMConfig, the times of a check that is off | without effect |
import { dirname } from "node:path";
import {
  describeContainer,
  mountsIn,
  ownLabels,
  labelsIn,
  withoutEmpty,
  sortedObject,
} from "./created-container.ts";
import type { EngineState, JsonObject } from "./fake-answers.ts";

type Entries = Readonly<Record<string, unknown>>;

/** "web 1" -> its container; "default" -> the network. */
export type Created = Readonly<Record<"containers" | "networks" | "volumes", Entries>>;

export interface ProjectFacts {
  readonly folder: string;
  /** Services whose images are built. */
  readonly built: ReadonlySet<string>;
}

/** @param facts of the project that has been started */
export function describeCreated(state: EngineState, facts: ProjectFacts): Created {
  const networks = new Map(
    state.networks.map(({ name, request }) => [name, networkKey(name, labelsIn(request))]),
  );
  const containers = state.containers.map((container) => {
    const labels = labelsIn(container.request);
    const service = (labels["com.docker.compose.service"] ?? labels["io.reyns.service"] ?? "")
      .toLowerCase()
      .replaceAll(/[._]/g, "-");
    const number = labels["com.docker.compose.container-number"] ?? labels["io.reyns.instance"];
    const described = describeContainer(
      container,
      networks,
      facts.built.has(service),
      state.containers,
    );
    return [`${service} ${number}`, described] as const;
  });
  const given = state.networks.map(({ name, request }) => {
    return [networks.get(name) ?? name, describeNetwork(request)] as const;
  });
  const created = {
    containers: sortedObject(containers),
    networks: sortedObject(given),
    volumes: sortedObject([
      ...state.volumes.map(({ name, request }) => [name, describeVolume(request)] as const),
      ...state.containers.flatMap(({ request }) => volumesIn(request)),
    ]),
  };
  const text = JSON.stringify(created)
    .replaceAll(facts.folder, "<folder>")
    .replaceAll(dirname(facts.folder), "<parent>");
  return JSON.parse(text) as Created;
}

/** "PROJECT-a0b1c2-front" -> "front". One that has its own name keeps it. */
function networkKey(name: string, labels: Readonly<Record<string, string>>): string {
  const given = labels["com.docker.compose.network"];
  const project = labels["io.reyns.project"] ?? labels["com.docker.compose.project"] ?? "";
  if (given !== undefined) return name === `${project}_${given}` ? given : name;
  const [, key] = /^-[0-9a-f]{6}(?:-(.+))?$/.exec(name.slice(project.length)) ?? [undefined, name];
  return key === undefined || key === "shared" ? "default" : key;
}

function describeNetwork(request: JsonObject): unknown {
  const { Name: _, CheckDuplicate: _check, Driver, IPAM, Labels: _labels, ...rest } = request;
  const { Config, ...ipam } = (IPAM ?? {}) as { readonly Config?: readonly JsonObject[] };
  const isOwn = Config?.every(
    (pool) => String(pool["Subnet"]).startsWith("10.") && pool["IPRange"],
  );
  return withoutEmpty({
    ...rest,
    Driver: Driver || "bridge",
    IPAM: { ...ipam, Driver: undefined, Config: isOwn ? undefined : Config },
    Labels: ownLabels(request),
  });
}

function describeVolume(request: JsonObject): unknown {
  const { Driver, DriverOpts } = request;
  const driver = Driver || "local";
  return withoutEmpty({ Driver: driver, DriverOpts, Labels: ownLabels(request) });
}

/** Those with a name that the Engine makes with the container. */
function volumesIn(request: JsonObject): (readonly [string, unknown])[] {
  return mountsIn(request).flatMap(({ Source = "", VolumeOptions }) => {
    const driver = VolumeOptions?.DriverConfig;
    if (driver === undefined || Source.includes(".")) return [];
    const labels = { Labels: VolumeOptions?.["Labels"] ?? {} };
    const volume = { Driver: driver.Name, DriverOpts: driver.Options, ...labels };
    return [[Source, describeVolume(volume)] as const];
  });
}

/** Without what Reyns adds: addresses, names, and its own network. */
export function comparedTo(theirs: Created, ours: Created): Created {
  const networks = Object.entries(ours.networks).filter(
    ([key]) => key !== "default" || key in theirs.networks,
  );
  const containers = Object.entries(ours.containers).map(([key, container]) => {
    const other = (theirs.containers[key] ?? {}) as DescribedContainer;
    return [key, withoutAdded(other, container as DescribedContainer)] as const;
  });
  return {
    ...ours,
    networks: Object.fromEntries(networks),
    containers: Object.fromEntries(containers),
  };
}

interface DescribedContainer {
  readonly HostConfig?: JsonObject;
  readonly networks?: Readonly<Record<string, JsonObject>>;
}

function withoutAdded(theirs: DescribedContainer, ours: DescribedContainer): DescribedContainer {
  const { HostConfig = {}, networks = {} } = ours;
  const endpoints = Object.entries(networks).map(([name, endpoint]) => {
    const { Aliases = [], IPAMConfig } = theirs.networks?.[name] ?? {};
    const aliases = (endpoint["Aliases"] ?? []) as readonly string[];
    const kept = {
      ...endpoint,
      Aliases: aliases.filter((alias) => (Aliases as readonly string[]).includes(alias)),
      IPAMConfig: IPAMConfig === undefined ? undefined : endpoint["IPAMConfig"],
    };
    return [name, withoutEmpty(kept) ?? null] as const;
  });
  const hosts = (HostConfig["ExtraHosts"] ?? []) as readonly string[];
  const hasSearch = HostConfig["DnsSearch"] !== undefined && !theirs.HostConfig?.["DnsSearch"];
  const dns = hasSearch ? { DnsSearch: undefined, DnsOptions: undefined } : {};
  const given = hosts.filter((host) => !plannedAddress.test(host));
  return JSON.parse(
    JSON.stringify({
      ...ours,
      HostConfig: { ...HostConfig, ...dns, ExtraHosts: withoutEmpty(given) },
      ...(ours.networks && { networks: Object.fromEntries(endpoints) }),
    }),
  ) as DescribedContainer;
}

/** "database:10.193.0.5" */
const plannedAddress = /:10\.(?:19[2-9]|2\d\d)\./;
