import { canBeOwn, type NetworkUse } from "../model/networks.ts";
import { spansNodes } from "../model/spanning.ts";
import type { Conf, InstanceDefinition } from "../model/project.ts";
import { movedDefault, ownNetwork } from "../model/resource-names.ts";

/**
 * A network that spans all nodes is an attachable overlay, and on one Engine one like any other.
 *
 * Where the project's own network cannot be what `network("default", …)` says, because that has an owner, a name or a
 * driver of its own, it is another network, and takes the place of the own one in every instance.
 */
export function withDefaultNetwork(conf: Conf): Conf {
  const { [ownNetwork]: declared, ...others } = conf.networks ?? {};
  if (!declared) return conf;
  if (spansNodes(conf) || declared.isSpanning) {
    const isSpanning = spansNodes(conf);
    const driver = isSpanning ? "overlay" : undefined;
    const own = { ...declared, driver, isSpanning, attachable: isSpanning };
    return { ...conf, networks: { ...others, [ownNetwork]: own } };
  }
  if (canBeOwn(declared)) return conf;
  const key = Object.hasOwn(others, movedDefault) ? `${movedDefault}-2` : movedDefault;
  const name = declared.name ?? (declared.external ? ownNetwork : undefined);
  return {
    ...conf,
    networks: { ...others, [key]: { ...declared, name } },
    instances: conf.instances.map((instance) => ({
      ...instance,
      networks: usesOf(instance)?.map((use) =>
        use.network === ownNetwork ? { ...use, network: key } : use,
      ),
    })),
  };
}

function usesOf({
  networks,
  networkMode,
  properties,
}: InstanceDefinition): readonly NetworkUse[] | undefined {
  if (networkMode || properties.nethost) return networks;
  return networks ?? [{ network: ownNetwork, aliases: [] }];
}
