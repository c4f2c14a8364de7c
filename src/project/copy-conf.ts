import { ReynsError } from "../errors.ts";
import { freePort, onFreePort } from "../model/ports.ts";
import type { Conf, InstanceDefinition } from "../model/project.ts";
import { definesSecondary } from "../model/dns-settings.ts";
import type { NetworkDefinition, NetworkUse } from "../model/networks.ts";
import type { VolumeDefinition } from "../model/container-spec.ts";

/**
 * The conf of a copy: volumes and networks with fixed names get the copy's, networks have no fixed ranges and addresses,
 * and hosts of routes are below the copy's name. What is external stays as it is, for all copies.
 */
export function copyConf(conf: Conf, copy: string): Conf {
  return {
    ...conf,
    ...(conf.networks && { networks: mapValues(conf.networks, (one) => ownNetwork(one, copy)) }),
    ...(conf.volumes && { volumes: mapValues(conf.volumes, (one) => ownVolume(one, copy)) }),
    instances: conf.instances.map((instance) => ({
      ...instance,
      ...(instance.networks && { networks: instance.networks.map((use) => freeUse(use, conf)) }),
      ...(instance.routes && {
        routes: instance.routes.map((route) => ({ ...route, host: `${copy}.${route.host}` })),
      }),
    })),
  };
}

/** Names of volumes and networks in a copy that the project itself has for something else. */
export function findNameClashes(conf: Conf, copy: string): ReynsError[] {
  const { volumes = {}, networks = {} } = conf;
  return [
    ...clashesOf("volume", volumes, copyConf(conf, copy).volumes ?? {}, copy),
    ...clashesOf("network", networks, copyConf(conf, copy).networks ?? {}, copy),
  ];
}

type Named = Readonly<Record<string, { readonly name?: string | undefined; external: boolean }>>;

function clashesOf(kind: string, originals: Named, copies: Named, copy: string): ReynsError[] {
  const taken = new Map(
    Object.entries(originals).flatMap(([key, { name, external }]) => {
      const actual = name ?? (external ? key : undefined);
      return actual === undefined ? [] : [[actual, key] as const];
    }),
  );
  return Object.entries(copies).flatMap(([key, { name, external }]) => {
    const owner = external || name === undefined ? undefined : taken.get(name);
    if (owner === undefined) return [];
    const message = `the ${kind} ${key} of the copy ${copy} would be ${name}, which the project has as ${owner}`;
    return [new ReynsError("INVALID_VALUE", message, { hint: "give the copy another name" })];
  });
}

function mapValues<Value>(
  values: Readonly<Record<string, Value>>,
  map: (value: Value) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}

function ownVolume(volume: VolumeDefinition, copy: string): VolumeDefinition {
  if (volume.external || volume.name === undefined) return volume;
  return { ...volume, name: `${volume.name}-${copy}` };
}

function ownNetwork(network: NetworkDefinition, copy: string): NetworkDefinition {
  if (network.external) return network;
  const { name, ipam } = network;
  return {
    ...network,
    ...(name !== undefined && { name: `${name}-${copy}` }),
    ...(ipam && { ipam: { ...ipam, config: [] } }),
  };
}

/** Two networks cannot have the same range, and so no two instances the same address. */
function freeUse(use: NetworkUse, { networks = {} }: Conf): NetworkUse {
  if (networks[use.network]?.external) return use;
  const { ipv4: _, ipv6: __, ...others } = use;
  return others;
}

/**
 * The conf with free ports instead of fixed ones. A router cannot redirect to a port that is not known yet, and no
 * authority on the internet reaches it: it serves both ports alike, with certificates of its own. Nor is there a secondary
 * DNS: at the port of the first one, it would find that of the project itself.
 */
export function withFreePorts(conf: Conf): Conf {
  const instances = conf.instances.filter((instance) => !definesSecondary(instance));
  return { ...conf, instances: instances.map(freeInstance) };
}

function freeInstance(instance: InstanceDefinition): InstanceDefinition {
  const { router, routes, publishSshOn } = instance;
  return {
    ...instance,
    ports: instance.ports.map(onFreePort),
    publishSshOn: publishSshOn === undefined ? undefined : freePort,
    ...(router && { router: { ...router, redirect: false } }),
    ...(routes && { routes: routes.map((route) => ({ ...route, tls: "internal" as const })) }),
  };
}
