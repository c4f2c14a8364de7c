import type { PublishedPort } from "../../model/container-spec.ts";
import { ReynsError } from "../../errors.ts";
import { definesSecondary } from "../../model/dns-settings.ts";
import type { Conf, InstanceDefinition, Project } from "../../model/project.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { ListeningSocket } from "../../model/ports.ts";
import { freePort } from "../../model/ports.ts";
import { folderOfOrigin, type ProjectIdentity } from "../../model/resource-names.ts";
import { findDefinition, portSource, replicasHint } from "./port-source.ts";
import { collide, isEveryAddress, portText } from "./ports.ts";
import type { StartInstance, Step } from "../../model/steps.ts";

interface PortOccupancy {
  readonly project: ProjectIdentity & Pick<Project, "conf">;
  /** Every container on the Engine that publishes something. */
  readonly publishers: readonly ObservedInstance[];
  readonly listeners: readonly ListeningSocket[];
  /** The folder that another project is in now. */
  readonly locate: (origin: string) => string | undefined;
}

/** Numbers of the host's ports that a plan's instances publish. */
export function publishedPorts(steps: readonly Step[]): Set<number> {
  const ports = startsOf(steps).flatMap(({ spec }) => spec.ports.map(({ host }) => host));
  return new Set(ports.filter((host) => host !== freePort));
}

/** All ports that the plan's instances cannot have, each with who has it. */
export function portConflictErrors(steps: readonly Step[], holders: PortOccupancy): ReynsError[] {
  const leaving = new Set(steps.flatMap(removedContainers));
  return startsOf(steps).flatMap(({ host, spec, removes }) => {
    const definition = findDefinition(host, holders.project.conf);
    const own = removes === undefined ? holders : withoutProxies(holders);
    const taken = spec.ports.flatMap((port) => {
      const holder = holderOf(port, own, leaving);
      if (!holder) return [];
      const { text, at } = portSource(port, definition);
      const hint = hintOf(holder, port, definition, holders.project.conf).replace(
        another,
        `or publish another port: ${text}`,
      );
      return { port, who: holder.who, hint, at };
    });
    const same = Map.groupBy(taken, ({ port, who }) => `${port.host} ${port.ip} ${who}`);
    return [...same.values()].flatMap((all) => {
      const [first] = all;
      if (!first) return [];
      const ports = portText(all.map(({ port }) => port));
      const message = `${host}: port ${ports} is taken by ${first.who}`;
      return new ReynsError("PORT_TAKEN", message, { hint: first.hint, at: first.at });
    });
  });
}

/** The containers that a step removes, or stops for good. */
function removedContainers(step: Step): string[] {
  if (step.kind === "remove-instance") return [step.containerId];
  if (step.kind !== "start-instance") return [];
  return [step.removes, step.predecessor].filter((id) => id !== undefined);
}

function startsOf(steps: readonly Step[]): StartInstance[] {
  return steps.filter((step) => step.kind === "start-instance");
}

interface PortHolder {
  readonly who: string;
  readonly hint: string;
  /** The service of an instance of the same project. */
  readonly ownService?: string;
}

/** A container is known by its name; behind the ports of one that leaves stands only the Engine's own proxy. */
function holderOf(
  port: PublishedPort,
  { project, publishers, listeners, locate }: PortOccupancy,
  leaving: ReadonlySet<string>,
): PortHolder | undefined {
  const publishing = publishers.filter(({ ports }) => ports.some((one) => hasPort(one, port)));
  const stays = publishing.find(({ id }) => !leaving.has(id));
  if (stays) return containerHolder(stays, project, locate);
  if (publishing.length > 0) return undefined;
  const listener = listeners.find((one) => collide(port, one));
  return listener && listenerHolder(port, listener);
}

/**
 * The Engine listens for a container that it is starting for a call which was killed, and says only afterwards that this
 * container publishes something. That one is removed before its instance starts.
 */
function withoutProxies(holders: PortOccupancy): PortOccupancy {
  const isProxy = ({ owner }: ListeningSocket): boolean => /^docker-proxy\b/.test(owner() ?? "");
  return { ...holders, listeners: holders.listeners.filter((listener) => !isProxy(listener)) };
}

function hasPort(
  { host, protocol, ip }: ObservedInstance["ports"][number],
  port: PublishedPort,
): boolean {
  return host !== undefined && protocol === port.protocol && collide(port, { ...port, host, ip });
}

/** Stands for the hint that fits where the port is defined. */
const another = "{another}";

function hintOf(
  { hint, ownService }: PortHolder,
  port: PublishedPort,
  definition: InstanceDefinition | undefined,
  { isCompose }: Conf,
): string {
  if (definition === undefined) return hint;
  if (definesSecondary(definition)) return withoutSecondary(hint);
  return isCompose && ownService === definition.service ? replicasHint(port) : hint;
}

/** Other machines ask for it at port 53. */
function withoutSecondary(hint: string): string {
  const way = "or have no secondary DNS: dns({ secondary: false })";
  return hint.includes(another) ? hint.replace(another, way) : `${hint}\n${way}`;
}

function containerHolder(
  holder: ObservedInstance,
  { name, origin }: ProjectIdentity,
  locate: PortOccupancy["locate"],
): PortHolder {
  const { containerName, host, service, instance } = holder;
  if (instance === "")
    return { who: `the container ${containerName}`, hint: `stop it, ${another}` };
  if (holder.origin === origin && holder.project === name)
    return {
      who: host,
      hint: `stop it: reyns stop ${service} ${instance}\n${another}`,
      ownService: service,
    };
  if (holder.origin === origin) return formerHolder(holder, name);
  const folder = locate(holder.origin) ?? folderOfOrigin(holder.origin);
  const who = `${host} of the project ${holder.project} in ${folder}`;
  if (holder.project !== name) return { who, hint: `stop it there, ${another}` };
  const both = "to have both, give this folder free ports: reyns run all ports=free";
  return { who, hint: `${both}\notherwise stop it there, ${another}` };
}

/** A project that was renamed goes on under its former name. */
function formerHolder(
  { host, service, instance, project }: ObservedInstance,
  name: string,
): PortHolder {
  const renamed = `if "${name}" is its new name: to keep using it, name the project "${project}" again; otherwise remove its containers: reyns -p ${project} clean all`;
  return {
    who: `${host} of the project ${project} in this folder`,
    hint: `${renamed}\nor stop it: reyns -p ${project} stop ${service} ${instance}\n${another}`,
  };
}

function listenerHolder(port: PublishedPort, { ip, owner }: ListeningSocket): PortHolder {
  const who = owner() ?? "something on this host";
  if (port.host !== 53 || !isEveryAddress(ip)) return { who, hint: `stop it, ${another}` };
  const hint =
    "a resolver on every address is in the way (on 127.0.0.53 alone it is not)\ndnsmasq: listen-address=127.0.0.1 and bind-interfaces";
  return { who, hint };
}
