import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import type { ContainerSpec, Mount, PublishedPort, ResolverSettings } from "../container-spec.ts";
import type { Project, ServiceFolder } from "../project/types.ts";
import { hasEntrypoint, prestartupOrder } from "./images.ts";
import { labels } from "./labels.ts";
import { extraHosts, type ResolvedLink } from "./links.ts";
import { containerNameOf, networkNameOf, volumeNameOf } from "./names.ts";
import type { Observed, Registered } from "./observed.ts";
import type { Wanted } from "./select.ts";

/** What is known of an instance when its container is described. */
export interface ContainerFacts {
  readonly project: Project;
  readonly observed: Observed;
  readonly wanted: Wanted;
  /** Its service's folder; undefined for a ready image. */
  readonly service: ServiceFolder | undefined;
  readonly image: string;
  readonly address: string;
  /** Resolved environment, links' variables included. */
  readonly env: Readonly<Record<string, string>>;
  readonly links: readonly ResolvedLink[];
  readonly registered: Registered | undefined;
  readonly zone: string;
  readonly hostHostname: string;
}

/** Folders that can be kept on the host, and the property that says so. */
const persistentFolders = [
  { property: "persistentData", name: "data", path: "/data" },
  { property: "persistentOpt", name: "opt", path: "/opt" },
  { property: "persistentLog", name: "log", path: "/var/log" },
  { property: "persistentHome", name: "home", path: "/home" },
] as const;

export function persistentMounts({
  project,
  wanted,
}: Pick<ContainerFacts, "project" | "wanted">): { hostPath: string; path: string }[] {
  return persistentFolders
    .filter(({ property }) => wanted.properties[property])
    .map(({ name, path }) => ({ hostPath: join(project.dataFolder, wanted.host, name), path }));
}

/** Describes the container of an instance completely: nothing is left to be decided when it is made. */
export function containerSpec(facts: ContainerFacts): ContainerSpec {
  const { project, wanted, image } = facts;
  const spec = {
    name: containerNameOf(project, wanted.host),
    image,
    hostname: wanted.definition.hostname ?? wanted.host,
    env: environmentOf(facts),
    command: commandOf(wanted),
    tty: wanted.properties.interactive,
    network: { name: networkNameOf(project), address: facts.address, aliases: aliasesOf(facts) },
    dns: resolverOf(facts),
    extraHosts: extraHosts(facts.links, facts.env),
    mounts: mountsOf(facts),
    ports: portsOf(facts),
    privileged: wanted.definition.privileged ?? facts.service?.privileged ?? false,
  };
  return { ...spec, labels: labelsOf(facts, definitionOf(spec)) };
}

function commandOf({ seedCommand, definition, properties }: Wanted): readonly string[] | undefined {
  if (properties.interactive) return ["bash"];
  return seedCommand === undefined ? definition.command : ["/bin/sh", "-c", `exec ${seedCommand}`];
}

function environmentOf({
  project,
  observed,
  wanted,
  image,
  service,
  env,
  zone,
  hostHostname,
  registered,
}: ContainerFacts): Record<string, string> {
  const { properties } = wanted;
  const flag = (value: boolean): string => (value ? "True" : "False");
  const fixed = {
    SERVICE: wanted.service,
    INSTANCE: wanted.instance,
    INSTANCE_TYPE: wanted.instanceType,
    PERSISTENT_DATA: flag(properties.persistentData),
    PERSISTENT_LOG: flag(properties.persistentLog),
    PERSISTENT_OPT: flag(properties.persistentOpt),
    PERSISTENT_HOME: flag(properties.persistentHome),
    SAFEMODE: flag(properties.safemode),
    HOST_HOSTNAME: hostHostname,
    PROJECT: project.name,
  };
  if (!hasEntrypoint(project, image, observed)) return { ...env, ...fixed };
  const scripts = prestartupOrder(project, service).join(" ");
  const dns = registered ? { DNS_SERVICE_IP: registered.server } : {};
  return { ...dns, ...env, ...fixed, DNS_ZONE: zone, REYNS_PRESTARTUP: scripts };
}

/** Host names live on with the DNS dead; a service's name must not, it would hide instances on other nodes. */
function aliasesOf({ wanted, zone, env, registered }: ContainerFacts): string[] {
  const elsewhere = env["SERVICE_IP"] !== undefined;
  return elsewhere || registered?.policy === "HIDE" ? [] : [wanted.host, `${wanted.host}.${zone}`];
}

/** A short name must fail in milliseconds when it is unknown: one dot is enough to ask for it as it is. */
function resolverOf({ registered, zone }: ContainerFacts): ResolverSettings | undefined {
  if (!registered) return undefined;
  return {
    servers: [registered.server],
    search: [zone],
    options: ["ndots:1", "timeout:1", "attempts:2"],
  };
}

function mountsOf(facts: ContainerFacts): Mount[] {
  const { project, wanted, image, observed } = facts;
  const persistent = persistentMounts(facts).map(({ hostPath, path }): Mount => ({
    type: "bind",
    source: hostPath,
    target: path,
    readOnly: false,
  }));
  const volumes = wanted.definition.volumes.map((volume) => volumeMount(volume, project));
  const keys: Mount = {
    type: "bind",
    source: keysFolder(project),
    target: "/etc/reyns/keys",
    readOnly: true,
  };
  return [...(hasEntrypoint(project, image, observed) ? [keys] : []), ...persistent, ...volumes];
}

/** The project's keys on the host; made when they are first needed. */
export function keysFolder(project: Pick<Project, "folder">): string {
  return join(project.folder, ".reyns", "keys");
}

/** `SOURCE:TARGET[:ro]`: a source with a slash is a folder, relative to the project's; any other a named volume. */
function volumeMount(volume: string, project: Project): Mount {
  const [given = "", target = given, mode] = volume.split(":");
  const source = given.replaceAll("$PROJECT_DIR", () => project.folder);
  const readOnly = mode === "ro";
  if (source.includes("/") || source.startsWith("."))
    return { type: "bind", source: resolve(project.folder, source), target, readOnly };
  return { type: "volume", source: volumeNameOf(project, source), target, readOnly };
}

function portsOf({ wanted, service, env }: ContainerFacts): PublishedPort[] {
  const ip = env["PUBLISH_ON_IP"] ?? env["SERVICE_IP"] ?? "";
  const annotated = wanted.properties.publishPorts ? (service?.ports ?? []) : [];
  return [...annotated, ...wanted.definition.ports].map((port) => ({ ...port, ip }));
}

function labelsOf(
  { project, wanted, image, registered }: ContainerFacts,
  definition: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    [labels.project]: project.name,
    [labels.folder]: project.folder,
    [labels.service]: wanted.service,
    [labels.instance]: wanted.instance,
    [labels.instanceType]: wanted.instanceType,
    [labels.conf]: project.conf.name,
    [labels.image]: image,
    [labels.definition]: JSON.stringify(definition),
    ...(wanted.definition.group === undefined ? {} : { [labels.group]: wanted.definition.group }),
    ...(registered ? { [labels.registration]: JSON.stringify(registered) } : {}),
  };
}

/** What changes when nobody has changed the definition: not part of it. */
const passing = new Set(["HOST_HOSTNAME"]);

/** A short digest of each part of the definition: enough to say what has changed, and no value in it. */
function definitionOf(spec: Omit<ContainerSpec, "labels">): Record<string, string> {
  const env = Object.entries(spec.env).filter(([name]) => !passing.has(name));
  const parts: Record<string, unknown> = {
    image: spec.image,
    command: spec.command,
    hostname: spec.hostname,
    dns: spec.dns,
    links: spec.extraHosts,
    mounts: spec.mounts,
    ports: spec.ports,
    privileged: spec.privileged,
    ...Object.fromEntries(env.map(([name, value]) => [`env ${name}`, value])),
  };
  return Object.fromEntries(Object.entries(parts).map(([part, value]) => [part, digest(value)]));
}

function digest(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(value ?? null))
    .digest("hex")
    .slice(0, 8);
}
