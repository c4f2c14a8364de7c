import { commandAsUser } from "./as-user.ts";
import type { ContainerFile } from "../../model/container-files.ts";
import type {
  ContainerSpec,
  Mount,
  ResolverSettings,
  RuntimeSettings,
} from "../../model/container-spec.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import {
  attachmentsOf,
  networkLabels,
  networkModeOf,
  type AttachmentContext,
} from "./attachments.ts";
import { hashDefinition } from "./config-hash.ts";
import { asService, containerEnvironment } from "./container-env.ts";
import { publishedPorts } from "./published-ports.ts";
import { hasEntrypoint } from "../resolve/images.ts";
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
import { containerNameOf } from "../../model/resource-names.ts";
import { secretsFolder, secretsMount } from "../../model/secret-names.ts";
import { definesSecondary } from "../../model/dns-settings.ts";
import { secondaryAddresses } from "../resolve/registration.ts";
import { swarmOf, type SelectedInstance } from "../select/selection.ts";

/** What the container of an instance depends on. */
export interface ContainerFacts extends AttachmentContext {
  readonly links: readonly ResolvedLink[];
  readonly secretFiles: readonly ContainerFile[];
  /** The container that this one replaces. */
  readonly existing: ObservedInstance | undefined;
  /** Host names of the instances that it depends on. */
  readonly dependencies: readonly string[];
}

/** Describes the container of an instance completely: nothing is left to be decided when it is made. */
export function containerSpec(facts: ContainerFacts): ContainerSpec {
  const { project, selected, image, extra } = facts;
  const [network, ...joined] = attachmentsOf(facts);
  const { env, secrets } = containerEnvironment(facts);
  const command = commandOf(selected);
  const oneOffUser = oneOffUserOf(facts);
  const files = [...(selected.definition.files ?? []), ...facts.secretFiles];
  const container = {
    name: containerNameOf(project, selected.host),
    image,
    hostname: selected.definition.hostname ?? extra.hostname ?? selected.host,
    env,
    secrets,
    command: oneOffUser === undefined ? command : commandAsUser(oneOffUser, command ?? []),
    session: selected.session,
    network,
    ...(joined.length > 0 ? { joined } : {}),
    ...networkModeOf(facts),
    dns: resolverOf(facts),
    extraHosts: [
      ...extraHosts(facts.links, facts.env),
      ...(selected.definition.extraHosts ?? []),
      ...extra.hosts,
    ],
    mounts: mountsOf(facts),
    ...volumesFromOf(facts),
    ...(files.length > 0 ? { copiedFiles: files } : {}),
    ports: publishedPorts(facts),
    privileged: selected.definition.privileged ?? (facts.service?.privileged || extra.privileged),
    ...hooksOf(selected),
    runtime: runtimeOf(facts),
  };
  const spec = asService(container, facts);
  const own = { ...selected.definition.labels, ...extra.labels };
  return { ...spec, labels: { ...own, ...labelsOf(facts, hashDefinition(spec, own)) } };
}

/** A container for one command, or for a terminal, has none. */
function hooksOf({
  session,
  definition: { hooks },
}: SelectedInstance): Pick<ContainerSpec, "hooks"> {
  return hooks && session === undefined ? { hooks } : {};
}

/** The entrypoint keeps the environment for logins: with secrets in it, in memory instead of on the disk. */
function runtimeOf(facts: ContainerFacts): RuntimeSettings {
  const { project, selected, image, observed, extra, secretNames } = facts;
  const merged = mergeRuntime(selected.definition.runtime, extra.runtime);
  const runtime = oneOffUserOf(facts) === undefined ? merged : { ...merged, user: "root" };
  if (secretNames.length === 0 || !hasEntrypoint(project, image, observed)) return runtime;
  const options = swarmOf(selected) ? secretsMount.ownerless : secretsMount.owned;
  return { ...runtime, tmpfs: { [secretsFolder]: options, ...runtime.tmpfs } };
}

/** The user of a command in a fresh container of our images: their entrypoint needs root, the command gets the user. */
function oneOffUserOf({ project, selected, image, observed }: ContainerFacts): string | undefined {
  const { session, definition } = selected;
  const { user, entrypoint } = definition.runtime ?? {};
  if (session === undefined || user === undefined || definition.command === undefined)
    return undefined;
  const hasOurs = entrypoint === undefined && hasEntrypoint(project, image, observed);
  return hasOurs && !/^(?:root|0)$/.test(user) ? user : undefined;
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

/**
 * A short name must fail in milliseconds when it is unknown: one dot is enough to ask for it as it is. A DNS keeps the
 * Engine's own resolver, to which it forwards. That asks the first server for each name, and waits for it: the one of the
 * same machine comes first, as it goes on answering when another machine is off. It asks three at most.
 */
function projectResolver(facts: ContainerFacts): ResolverSettings | undefined {
  const { registered, address, selected } = facts;
  if (!registered || registered.server === address || definesSecondary(selected.definition))
    return isolatedResolver(facts);
  const [near, ...others] = secondaryAddresses(facts);
  const isFar = near !== undefined && swarmOf(selected) !== undefined;
  return {
    // A fourth one would change the tasks for nothing.
    servers: [...(near === undefined ? [] : [near]), registered.server, ...others].slice(0, 3),
    search: [registered.zone],
    // That of a task may be off while the others answer: the Engine asks these after four seconds.
    options: ["ndots:1", isFar ? "timeout:5" : "timeout:1", "attempts:2"],
  };
}

/**
 * From internal networks, the resolver of Docker before 26 asks servers that it cannot reach, and no answer comes. With
 * `ndots` set, it answers for a name without a dot itself; the search domains of the host would add one.
 */
function isolatedResolver({ endpoints }: ContainerFacts): ResolverSettings | undefined {
  const isIsolated = endpoints.length > 0 && endpoints.every(({ network }) => network.isInternal);
  return isIsolated ? { servers: [], search: ["."], options: ["ndots:1"] } : undefined;
}

/** A definition's own settings count, each by itself. */
function resolverOf(facts: ContainerFacts): ResolverSettings | undefined {
  const { resolver } = facts.selected.definition;
  const standard = projectResolver(facts);
  return resolver ? { servers: [], search: [], options: [], ...standard, ...resolver } : standard;
}

/** The containers of the instances whose volumes it has. */
function volumesFromOf({
  project,
  selected: { definition },
}: ContainerFacts): Pick<ContainerSpec, "volumesFrom"> {
  const { volumesFrom = [] } = definition;
  const containers = volumesFrom.flatMap(({ host, readOnly }) =>
    host === undefined ? [] : [{ container: containerNameOf(project, host), readOnly }],
  );
  return containers.length === 0 ? {} : { volumesFrom: containers };
}

function mountsOf(facts: ContainerFacts): Mount[] {
  const { project, selected, image, observed, extra } = facts;
  const mountsKeys = !swarmOf(selected) && hasEntrypoint(project, image, observed);
  const keys = mountsKeys ? keysMounts(project) : [];
  const volumes = [...selected.definition.volumes, ...extra.volumes];
  return [
    ...keys,
    ...persistentMounts(project, selected),
    ...sharedMounts(project, selected),
    ...volumes.map((volume) => volumeMount(volume, project, selected.host)),
  ];
}

function labelsOf(
  facts: ContainerFacts,
  definition: Readonly<Record<string, string>>,
): Record<string, string> {
  const { project, selected, image, registered, secretNames, dependencies } = facts;
  const volume = temporaryVolumeOf(project, selected);
  const secrets = secretNames.join(",");
  return {
    [labels.project]: project.name,
    [labels.folder]: project.origin,
    [labels.service]: selected.service,
    [labels.instance]: selected.instance,
    [labels.instanceType]: selected.instanceType,
    [labels.conf]: project.conf.name,
    [labels.image]: image,
    [labels.definition]: JSON.stringify(definition),
    ...(dependencies.length === 0 ? {} : { [labels.after]: dependencies.join(",") }),
    ...(selected.definition.job ? { [labels.job]: "true" } : {}),
    ...(selected.isAdHoc ? { [labels.adHoc]: "true" } : {}),
    ...(selected.session === undefined ? {} : { [labels.session]: selected.session }),
    ...(selected.definition.group === undefined || swarmOf(selected)
      ? {}
      : { [labels.group]: selected.definition.group }),
    ...(secrets === "" ? {} : { [labels.secrets]: secrets }),
    // Of the image it says otherwise, and a container has its image's labels.
    ...(selected.definition.runtime?.entrypoint ? { [labels.base]: "false" } : {}),
    ...networkLabels(facts),
    ...(volume === undefined ? {} : { [labels.temporaryVolume]: volume }),
    ...(registered ? { [labels.registration]: JSON.stringify(registered) } : {}),
  };
}
