import { inside, invalidProject, type ReynsError, type Place } from "../errors.ts";
import type { VolumeDefinition } from "../model/container-spec.ts";
import { definedHostOf, hostNameOf, maxLabelLength } from "../model/host-names.ts";
import { nodesOf } from "../model/nodes.ts";
import type { NetworkUse } from "../model/networks.ts";
import { freePort } from "../model/ports.ts";
import type { Conf, InstanceDefinition, PortDefinition, ServiceFolder } from "../model/project.ts";
import { ownNetwork } from "../model/resource-names.ts";
import { routerService } from "../model/routes.ts";
import { swarmFileError, swarmFileMistake } from "../model/swarm-files.ts";
import { volumeParts, type ParsedVolume } from "../model/volume-syntax.ts";
import { refusedFieldsOf } from "./swarm-refusals.ts";

/**
 * What an instance cannot have as a service of Docker Swarm: fields that the Engine would lose without an error, and data
 * that would stay behind when a task moves.
 */
export function checkSwarm(conf: Conf, services: ReadonlyMap<string, ServiceFolder>): ReynsError[] {
  return conf.instances.flatMap((definition) => {
    if (!definition.swarm) return [];
    const { service } = definition;
    if (service === routerService || service === "reyns-dns")
      return [refusalsOf(definition)("swarm", `${service} has a fixed address`, "leave out swarm")];
    return [...checkInstance(definition, conf, services), ...checkPlace(definition, conf)];
  });
}

function checkInstance(
  definition: InstanceDefinition,
  conf: Conf,
  services: ReadonlyMap<string, ServiceFolder>,
): ReynsError[] {
  const { service, at } = definition;
  const refuse = refusalsOf(definition);
  const isPrivileged =
    definition.privileged === undefined && services.get(service)?.privileged === true;
  return [
    ...(isPrivileged && definition.image === undefined
      ? [refuse("swarm", "its Dockerfile asks for privileged", "remove that, or leave out swarm")]
      : []),
    ...refusedFieldsOf(definition).map(({ key, what = key, instead }) =>
      refuse(key, `a Swarm service cannot have ${what}`, instead),
    ),
    ...checkHostName(definition),
    ...definition.ports.flatMap((port, index) => checkPort(port, inside(at, "ports", index))),
    ...definition.volumes.flatMap((volume, index) =>
      checkVolume(volume, conf, inside(at, "volumes", index)),
    ),
    ...Object.entries(definition.runtime?.tmpfs ?? {}).flatMap(([path, options]) =>
      checkTmpfs(path, options, inside(at, "tmpfs")),
    ),
    ...(definition.files ?? []).flatMap(({ path, content }) =>
      checkSize(path, content, inside(at, "files", path)),
    ),
  ];
}

/** The number of each task is added to it. */
function checkHostName(definition: InstanceDefinition): ReynsError[] {
  const { service, instance, hostname, swarm } = definition;
  if (instance === undefined || hostname !== undefined) return [];
  const last = `${hostNameOf(service, instance)}-${swarm?.replicas ?? 1}`;
  if (last.length <= maxLabelLength) return [];
  const message = `the host name of its last task, ${last}, has ${last.length} characters; at most ${maxLabelLength} are allowed`;
  const hint = "shorten the name of the service or the instance, or give all tasks one: hostname";
  return [refusalsOf(definition)("swarm", message, hint)];
}

function refusalsOf(definition: InstanceDefinition) {
  return (key: string, message: string, hint: string): ReynsError =>
    invalidProject(`${definedHostOf(definition)}: ${message}`, hint, inside(definition.at, key));
}

/** Swarm publishes a port on all addresses of the node that the task is on. */
function checkPort({ container, host, ip }: PortDefinition, at: Place): ReynsError[] {
  if (ip !== undefined)
    return [
      invalidProject(
        `a Swarm service publishes on all addresses of its nodes, not on ${ip} alone`,
        `accepted: "${host === freePort ? container : host}:${container}"`,
        at,
      ),
    ];
  if (host !== freePort) return [];
  const message = "a Swarm service needs a fixed port of the host";
  return [invalidProject(message, `accepted: "8080:${container}", the port of the host first`, at)];
}

/** Data that a task leaves behind when it moves to another node. */
function checkVolume(volume: string | ParsedVolume, conf: Conf, at: Place): ReynsError[] {
  const parsed = volumeParts(volume);
  if (!parsed || parsed.type === "tmpfs" || isShared(conf.volumes?.[parsed.source])) return [];
  const what = parsed.type === "bind" ? "folder or file of the host" : "volume of one node";
  const message = `a Swarm service cannot have ${parsed.target} from a ${what}: it would stay there when a task moves`;
  const hint =
    'accepted: files and secrets, which are copied in; tmpfs; volume("NAME", { driver: … }) of a driver that all nodes share; or run it as a container, without swarm';
  return [invalidProject(message, hint, at)];
}

/** Whether the tasks find the same data in a volume on every node. */
function isShared(declared: VolumeDefinition | undefined): boolean {
  const { driver = "local", driverOpts = {} } = declared ?? {};
  return driver !== "local" || /^(?:nfs4?|cifs)$/.test(driverOpts["type"] ?? "");
}

function checkTmpfs(path: string, options: string, at: Place): ReynsError[] {
  const words = options.split(",").filter(Boolean);
  const lost = words.filter((word) => !/^(?:size=\d+[bkmgBKMG]?|mode=[0-7]+|rw)$/.test(word));
  if (lost.length === 0) return [];
  const message = `a Swarm service loses ${lost.join(", ")} of the tmpfs ${path}`;
  return [invalidProject(message, 'accepted: "size=64m" and "mode=1777"', at)];
}

function checkSize(path: string, content: string, at: Place): ReynsError[] {
  const mistake = swarmFileMistake(Buffer.byteLength(content, "base64"));
  return mistake ? [swarmFileError(path, mistake, at)] : [];
}

/** Its networks have to reach over nodes. */
function checkPlace({ networks, at }: InstanceDefinition, conf: Conf): ReynsError[] {
  const uses = networks ?? [{ network: ownNetwork, aliases: [] }];
  return uses.flatMap((use, index) => {
    const place = networks ? inside(at, "networks", index) : inside(at, "swarm");
    return [...checkOverlay(use, conf, place), ...checkEndpoint(use, place)];
  });
}

function checkOverlay({ network }: NetworkUse, conf: Conf, at: Place): ReynsError[] {
  const definition = conf.networks?.[network];
  if (definition ? definition.external || definition.driver === "overlay" : network !== ownNetwork)
    return [];
  const message = `a Swarm service cannot be in the network ${network}, which is on one machine`;
  const hint =
    nodesOf(conf).length > 0
      ? 'let the network of all instances span the machines: network("overlay"), made possible by reyns nodes join'
      : 'accepted: networks: ["mesh"] with network("mesh", { driver: "overlay", attachable: true })';
  return [invalidProject(message, hint, at)];
}

/** How it would be in a network, beyond its names. */
function checkEndpoint({ network, ...use }: NetworkUse, at: Place): ReynsError[] {
  const fixed = ["ipv4", "ipv6", "mac", "linkLocalIps", "gwPriority", "interfaceName"] as const;
  const given = fixed.filter((key) => use[key] !== undefined);
  if (given.length === 0) return [];
  const message = `a Swarm service cannot have ${given.join(", ")} in the network ${network}`;
  return [invalidProject(message, "accepted: aliases; names lead to its tasks", at)];
}
