import type {
  ContainerSpec,
  Mount,
  PublishedPort,
  ResolverSettings,
  RuntimeSettings,
} from "../../model/container-spec.ts";
import { dnsVariablesOf, type DnsSettings } from "../../model/dns-settings.ts";
import type { PortDefinition, Project, ServiceFolder } from "../../model/project.ts";
import { hashDefinition } from "./config-hash.ts";
import type { ExtraArgs } from "./docker-run-args.ts";
import { hasEntrypoint, prestartupOrder } from "../resolve/images.ts";
import { labels } from "../../model/labels.ts";
import { mergeRuntime } from "./merge-runtime.ts";
import { extraHosts, type ResolvedLink } from "../resolve/links.ts";
import {
  keysMounts,
  persistentMounts,
  sharedMounts,
  temporaryVolumeOf,
  volumeMount,
} from "./mounts.ts";
import { containerNameOf, networkNameOf } from "../../model/resource-names.ts";
import type { Observed, Registration } from "../../model/observed.ts";
import type { Ready } from "../../model/steps.ts";
import type { SelectedInstance } from "../select/select.ts";

/** What is known of an instance when its container is described. */
export interface ContainerFacts {
  readonly project: Project;
  readonly observed: Observed;
  readonly selected: SelectedInstance;
  /** Its service's folder; undefined for a ready image. */
  readonly service: ServiceFolder | undefined;
  readonly image: string;
  readonly address: string;
  /** Resolved environment, links' variables included. */
  readonly env: Readonly<Record<string, string>>;
  /** Which of them are secret. */
  readonly secretNames: readonly string[];
  readonly links: readonly ResolvedLink[];
  readonly registered: Registration | undefined;
  /** Of the DNS that it asks, or is. */
  readonly settings: DnsSettings;
  readonly hostHostname: string;
  /** What `extra_args` add. */
  readonly extra: ExtraArgs;
  /** How its readiness is detected. */
  readonly ready: Ready;
  /** Host names of the instances that it depends on. */
  readonly dependencies: readonly string[];
}

/** Describes the container of an instance completely: nothing is left to be decided when it is made. */
export function containerSpec(facts: ContainerFacts): ContainerSpec {
  const { project, selected, image, extra } = facts;
  const network = selected.properties.nethost ? undefined : networkNameOf(project);
  const { env, secrets } = splitSecrets(environmentOf(facts), facts.secretNames);
  const spec = {
    name: containerNameOf(project, selected.host),
    image,
    hostname: selected.definition.hostname ?? extra.hostname ?? selected.host,
    env,
    secrets,
    command: commandOf(selected),
    tty: selected.properties.interactive,
    network:
      network === undefined
        ? undefined
        : { name: network, address: facts.address, aliases: aliasesOf(facts) },
    dns: resolverOf(facts),
    extraHosts: [
      ...extraHosts(facts.links, facts.env),
      ...(selected.definition.extraHosts ?? []),
      ...extra.hosts,
    ],
    mounts: mountsOf(facts),
    ports: portsOf(facts),
    privileged: selected.definition.privileged ?? (facts.service?.privileged || extra.privileged),
    runtime: runtimeOf(facts),
  };
  const own = { ...selected.definition.labels, ...extra.labels };
  return { ...spec, labels: { ...own, ...labelsOf(facts, hashDefinition(spec, own)) } };
}

/** The variables of a container, and those of them that are secret. */
function splitSecrets(
  all: Readonly<Record<string, string>>,
  names: readonly string[],
): Pick<ContainerSpec, "env" | "secrets"> {
  const [secrets, env] = [new Map<string, string>(), new Map<string, string>()];
  for (const [name, value] of Object.entries(all))
    (names.includes(name) ? secrets : env).set(name, value);
  return { env: Object.fromEntries(env), secrets: Object.fromEntries(secrets) };
}

/** The entrypoint keeps the environment for logins: with secrets in it, in memory instead of on the disk. */
function runtimeOf(facts: ContainerFacts): RuntimeSettings {
  const { project, selected, image, observed, extra, secretNames } = facts;
  const runtime = mergeRuntime(selected.definition.runtime, extra.runtime);
  if (secretNames.length === 0 || !hasEntrypoint(project, image, observed)) return runtime;
  return { ...runtime, tmpfs: { "/run/reyns": "mode=2750,gid=65527", ...runtime.tmpfs } };
}

function commandOf({
  seedCommand,
  definition,
  properties,
}: SelectedInstance): readonly string[] | undefined {
  if (properties.interactive) return ["bash"];
  return seedCommand === undefined ? definition.command : seedCommandArgs(seedCommand);
}

/** One simple command takes the shell's place, so that signals reach it; a line of several needs its shell. */
function seedCommandArgs(command: string): readonly string[] {
  const compound =
    /[;&|<>(){}`\n]/.test(command) || /^\s*(cd|export|set|\.|source|\w+=)(\s|$)/.test(command);
  return ["/bin/sh", "-c", compound ? command : `exec ${command}`];
}

const fixedVariables = [
  "SERVICE",
  "INSTANCE",
  "INSTANCE_TYPE",
  "PERSISTENT_DATA",
  "PERSISTENT_LOG",
  "PERSISTENT_OPT",
  "PERSISTENT_HOME",
  "SAFEMODE",
  "HOST_HOSTNAME",
  "PROJECT",
] as const;
type FixedVariable = (typeof fixedVariables)[number];

/** A definition cannot give what Reyns itself always sets; it is told so. */
export function fixedVariableWarnings({ host, definition }: SelectedInstance): string[] {
  return fixedVariables
    .filter((name) => Object.hasOwn(definition.env, name))
    .map((name) => `${host}: ${name} is always set by Reyns, not from the definition`);
}

function environmentOf({
  project,
  observed,
  selected,
  image,
  service,
  env,
  settings,
  hostHostname,
  registered,
  extra,
}: ContainerFacts): Record<string, string> {
  const { properties } = selected;
  const flag = (value: boolean): string => (value ? "True" : "False");
  const fixed: Record<FixedVariable, string> = {
    SERVICE: selected.service,
    INSTANCE: selected.instance,
    INSTANCE_TYPE: selected.instanceType,
    PERSISTENT_DATA: flag(properties.persistentData),
    PERSISTENT_LOG: flag(properties.persistentLog),
    PERSISTENT_OPT: flag(properties.persistentOpt),
    PERSISTENT_HOME: flag(properties.persistentHome),
    SAFEMODE: flag(properties.safemode),
    HOST_HOSTNAME: hostHostname,
    PROJECT: project.name,
  };
  if (!hasEntrypoint(project, image, observed)) return { ...extra.env, ...env, ...fixed };
  const scripts = prestartupOrder(project, service).join(" ");
  const dns = {
    ...dnsVariablesOf(settings),
    DNS_ZONE: settings.zone,
    ...agentVariables(registered),
  };
  const own = properties.nethost && registered ? { REYNS_ADDRESS: registered.address } : {};
  return { ...extra.env, ...env, ...dns, ...own, ...fixed, REYNS_PRESTARTUP: scripts };
}

/** What the agent in it is told. A DNS is its own, whatever DNS the rest of this node may use. */
function agentVariables(registered: Registration | undefined): Record<string, string> {
  if (!registered) return {};
  return { DNS_SERVICE_IP: registered.server, DNS_UPDATE_POLICY: registered.policy };
}

/** Host names live on with the DNS dead; a service's name must not, it would hide instances on other nodes. */
function aliasesOf({ selected, settings, env, registered }: ContainerFacts): string[] {
  const elsewhere = env["SERVICE_IP"] !== undefined || registered?.policy === "HIDE";
  return elsewhere ? [] : [selected.host, `${selected.host}.${settings.zone}`];
}

/**
 * A short name must fail in milliseconds when it is unknown: one dot is enough to ask for it as it is. A DNS keeps the
 * Engine's own resolver, to which it forwards.
 */
function resolverOf({ registered, address }: ContainerFacts): ResolverSettings | undefined {
  if (!registered || registered.server === address) return undefined;
  return {
    servers: [registered.server],
    search: [registered.zone],
    options: ["ndots:1", "timeout:1", "attempts:2"],
  };
}

function mountsOf(facts: ContainerFacts): Mount[] {
  const { project, selected, image, observed, extra } = facts;
  const keys = hasEntrypoint(project, image, observed) ? keysMounts(project) : [];
  const volumes = [...selected.definition.volumes, ...extra.volumes];
  return [
    ...keys,
    ...persistentMounts(project, selected),
    ...sharedMounts(project, selected),
    ...volumes.map((volume) => volumeMount(volume, project, selected.host)),
  ];
}

function portsOf({ selected, service, env, extra }: ContainerFacts): PublishedPort[] {
  const ip = env["PUBLISH_ON_IP"] ?? env["SERVICE_IP"] ?? "";
  if (selected.properties.nethost) return [];
  const annotated = selected.properties.publishPorts ? (service?.ports ?? []) : [];
  const { ports, publishSshOn } = selected.definition;
  const ssh: PortDefinition[] =
    publishSshOn === undefined ? [] : [{ container: 22, host: publishSshOn, protocol: "tcp" }];
  const published = [...annotated, ...ports, ...ssh].map((port) => ({ ip, ...port }));
  return [...published, ...extra.ports].filter(isFirst);
}

/** The same port said twice is one. */
function isFirst(port: PublishedPort, index: number, all: readonly PublishedPort[]): boolean {
  const key = JSON.stringify([port.container, port.host, port.protocol, port.ip]);
  return (
    index ===
    all.findIndex((one) => key === JSON.stringify([one.container, one.host, one.protocol, one.ip]))
  );
}

function labelsOf(
  facts: ContainerFacts,
  definition: Readonly<Record<string, string>>,
): Record<string, string> {
  const { project, selected, image, registered, address, secretNames, dependencies } = facts;
  const volume = temporaryVolumeOf(project, selected);
  const secrets = secretNames.join(",");
  return {
    [labels.project]: project.name,
    [labels.folder]: project.folder,
    [labels.service]: selected.service,
    [labels.instance]: selected.instance,
    [labels.instanceType]: selected.instanceType,
    [labels.conf]: project.conf.name,
    [labels.image]: image,
    [labels.definition]: JSON.stringify(definition),
    [labels.ready]: JSON.stringify(facts.ready),
    ...(dependencies.length === 0 ? {} : { [labels.after]: dependencies.join(",") }),
    ...(selected.isAdHoc ? { [labels.adHoc]: "true" } : {}),
    ...(selected.definition.group === undefined
      ? {}
      : { [labels.group]: selected.definition.group }),
    ...(secrets === "" ? {} : { [labels.secrets]: secrets }),
    // Of the image it says otherwise, and a container has its image's labels.
    ...(selected.definition.runtime?.entrypoint ? { [labels.base]: "false" } : {}),
    ...(selected.properties.nethost ? { [labels.address]: address } : {}),
    ...(volume === undefined ? {} : { [labels.temporaryVolume]: volume }),
    ...(registered ? { [labels.registration]: JSON.stringify(registered) } : {}),
  };
}
