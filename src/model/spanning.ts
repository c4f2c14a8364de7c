import type { NetworkDefinition } from "./networks.ts";
import { nodesOf } from "./nodes.ts";
import { ownNetwork } from "./resource-names.ts";

type NetworksConf = Parameters<typeof nodesOf>[0] & {
  readonly networks?: Readonly<Record<string, NetworkDefinition>> | undefined;
};

/** Whether the project's own network is to span the nodes of a conf; on one Engine there is nothing to span. */
export function spansNodes(conf: NetworksConf): boolean {
  const own = conf.networks?.[ownNetwork];
  return own?.driver === "overlay" && !own.external && nodesOf(conf).length > 0;
}
