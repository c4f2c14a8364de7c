import { invalidProject, type ReynsError } from "../errors.ts";
import type { NetworkDefinition } from "../model/networks.ts";
import type { NodeDefinition } from "../model/nodes.ts";
import type { Conf } from "../model/project.ts";
import { ownNetwork } from "../model/resource-names.ts";

type ConfWithNodes = Conf & { readonly nodes: Readonly<Record<string, NodeDefinition>> };

const overlayName = "overlay";

/**
 * Where there are nodes, `network("overlay")` declares the project's own network, across all of them. Without nodes, with
 * a driver, a name or an owner of its own, or in a Compose file, that name is one like any other.
 */
export function resolveOverlayName(conf: ConfWithNodes): {
  conf: ConfWithNodes;
  errors: readonly ReynsError[];
} {
  const { [overlayName]: overlay, ...others } = conf.networks ?? {};
  const hasNodes = Object.keys(conf.nodes).length > 0;
  if (!overlay || !conf.namesOverlay || !hasNodes || isOther(overlay)) return { conf, errors: [] };
  const own = { ...overlay, driver: "overlay", isSpanning: true };
  const resolved = {
    ...conf,
    networks: { ...others, [ownNetwork]: own },
    instances: conf.instances.map((instance) => ({
      ...instance,
      ...(instance.networks && {
        networks: instance.networks.map((use) =>
          use.network === overlayName ? { ...use, network: ownNetwork } : use,
        ),
      }),
    })),
  };
  return { conf: resolved, errors: others[ownNetwork] ? [declaredTwice(conf, overlay)] : [] };
}

function isOther({ driver, external, name }: NetworkDefinition): boolean {
  return driver !== undefined || external || name !== undefined;
}

function declaredTwice(conf: Conf, { at = { file: conf.file ?? "reyns.ts" } }: NetworkDefinition) {
  const message = `the project's own network is declared twice: network("${ownNetwork}") and network("${overlayName}")`;
  const hint = `with node(), both are the network of all instances: put the options into network("${overlayName}", { … })`;
  return invalidProject(message, hint, at);
}
