import type { Conf, InstanceDefinition } from "../model/project.ts";
import { ownNetwork } from "../model/resource-names.ts";

/**
 * A conf as one Engine runs it, whatever machines it names: its instances share a network of that Engine, in which they
 * reach the DNS, and Docker Swarm has no part in it.
 */
export function onOneEngine(conf: Conf): Conf {
  const { networks } = conf;
  const own = networks?.[ownNetwork];
  const bridge = own?.isSpanning ? { ...own, driver: undefined, isSpanning: false } : undefined;
  return {
    ...conf,
    nodes: undefined,
    ...(bridge && { networks: { ...networks, [ownNetwork]: bridge } }),
    instances: conf.instances.map(asContainer),
  };
}

/** The DNS is published for the other machines only. */
function asContainer({ properties, ...instance }: InstanceDefinition): InstanceDefinition {
  const isDns = instance.service === "reyns-dns";
  const own = isDns ? { ...properties, publishPorts: false } : properties;
  return { ...instance, swarm: undefined, properties: own };
}
