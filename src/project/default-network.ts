import { canBeOwn, type NetworkUse } from "../model/networks.ts";
import type { Conf, InstanceDefinition } from "../model/project.ts";
import { movedDefault, ownNetwork } from "../model/resource-names.ts";

/**
 * Where the project's own network cannot be what `network("default", …)` says, because that has an owner, a name or a
 * driver of its own, it is another network, and takes the place of the own one in every instance.
 */
export function withDefaultNetwork(conf: Conf): Conf {
  const { [ownNetwork]: declared, ...others } = conf.networks ?? {};
  if (!declared || canBeOwn(declared)) return conf;
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
