import { ownNetwork } from "../model/resource-names.ts";
import { inside, invalidProject, type ReynsError, type Place } from "../errors.ts";
import { parseRange, toNumber } from "../lib/ipv4-range.ts";
import { acceptedHint } from "../lib/suggest.ts";
import { definedHostOf } from "../model/host-names.ts";
import type { NetworkDefinition, NetworkUse } from "../model/networks.ts";
import type { Conf, InstanceDefinition } from "../model/project.ts";
import { checkNetworkMode } from "./validate-network-mode.ts";
import { checkDeclaredNetworks } from "./validate-declared-networks.ts";

/** Checks what network() declares, and how instances are in networks. */
export function checkNetworks(conf: Conf): ReynsError[] {
  return [
    ...checkDeclaredNetworks(conf.networks ?? {}),
    ...conf.instances.flatMap((instance) => [
      ...checkInstance(instance, conf),
      ...checkNetworkMode(instance, conf),
    ]),
    ...sharedAddresses(conf),
  ];
}

function checkInstance(instance: InstanceDefinition, conf: Conf): ReynsError[] {
  const { networks, properties, at } = instance;
  if (!networks) return checkPorts(instance, conf);
  if (properties.nethost) {
    const hint = "leave out networks or nethost";
    const place = inside(at, "networks");
    return [invalidProject("an instance in the host's network is in no other one", hint, place)];
  }
  const names = [...new Set([ownNetwork, ...Object.keys(conf.networks ?? {})])];
  return [
    ...networks.flatMap((use, index) => {
      const place = inside(at, "networks", index);
      if (networks.findIndex(({ network }) => network === use.network) < index)
        return invalidProject(
          `"${use.network}" is in the list twice`,
          "name each network once",
          place,
        );
      if (!names.includes(use.network)) return unknownNetwork(use.network, names, place);
      return checkAddress(use, conf.networks?.[use.network], place);
    }),
    ...checkPorts(instance, conf),
  ];
}

function unknownNetwork(name: string, names: readonly string[], at: Place): ReynsError {
  const hint = `${acceptedHint(name, names)}; declare it with network("${name}"), or with { external: true } if it is there already`;
  return invalidProject(`unknown network "${name}"`, hint, at);
}

/** A fixed address has to be in a range that is known beforehand. */
function checkAddress(
  { network, ipv4, ipv6 }: NetworkUse,
  definition: NetworkDefinition | undefined,
  at: Place,
): ReynsError[] {
  if (ipv4 === undefined && ipv6 === undefined) return [];
  if (network === ownNetwork && !definition) {
    const hint = `leave it out: links and names lead to the instance; or give the network a range: network("${ownNetwork}", { ipam: { config: [{ subnet: "…" }] } })`;
    return [
      invalidProject("an address in the project's own network, which Reyns chooses", hint, at),
    ];
  }
  if (!definition || definition.external || ipv4 === undefined) return [];
  const subnets = (definition.ipam?.config ?? []).flatMap(({ subnet }) => subnet ?? []);
  const ranges = subnets.flatMap((subnet) => {
    const range = parseRange(subnet);
    return range ? [range] : [];
  });
  const number = toNumber(ipv4);
  if (ranges.some(([first, last]) => first < number && number < last)) return [];
  const message = `${ipv4} is in no subnet of the network ${network}`;
  const given = subnets.length > 0 ? `its subnets: ${subnets.join(", ")}` : "it has none";
  const hint = `${given}; give it one with ipam: { config: [{ subnet: "…" }] }`;
  return [invalidProject(message, hint, at)];
}

/** The Engine publishes no port of a container that is in internal networks only. */
function checkPorts(
  {
    networks = [{ network: ownNetwork, aliases: [] }],
    networkMode,
    properties,
    ports,
    publishSshOn,
    at,
  }: InstanceDefinition,
  conf: Conf,
): ReynsError[] {
  const key = ports.length > 0 ? "ports" : "publishSshOn";
  const isPublished = ports.length > 0 || publishSshOn !== undefined;
  if (!isPublished || networkMode || properties.nethost) return [];
  if (!networks.every(({ network }) => conf.networks?.[network]?.internal)) return [];
  const message = "ports of an instance that is in internal networks only cannot be published";
  const isDefaultInternal = conf.networks?.[ownNetwork]?.internal === true;
  const example = isDefaultInternal ? "" : ', such as "default"';
  const hint = `add a network that leads out${example}, or leave out ${key}`;
  return [invalidProject(message, hint, inside(at, key))];
}

/** An address in a network that two instances have. */
function sharedAddresses({ instances, isCompose }: Conf): ReynsError[] {
  const holders = new Map<string, string>();
  return instances.flatMap(({ service, instance, networks = [], at }) =>
    networks.flatMap(({ network, ipv4, ipv6 }, index) =>
      [ipv4, ipv6].flatMap((address) => {
        if (address === undefined) return [];
        const key = `${network} ${address}`;
        const host = definedHostOf({ service, instance });
        const holder = holders.get(key);
        holders.set(key, holder ?? host);
        if (holder === undefined) return [];
        const message = `${address} in the network ${network} is the address of ${holder} already`;
        const isReplica = isCompose === true && holder.replace(/-\d+$/, "") === service;
        const hint = isReplica
          ? "leave the address out, or run one replica"
          : "give each an address of its own";
        return [invalidProject(message, hint, inside(at, "networks", index))];
      }),
    ),
  );
}
