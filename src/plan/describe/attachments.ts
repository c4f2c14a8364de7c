import { withoutUndefined } from "../../lib/without-undefined.ts";
import { copyNameOf } from "../../model/copy-origin.ts";
import type { Project } from "../../model/project.ts";
import { ownNetwork } from "../../model/resource-names.ts";
import type { NetworkAttachment } from "../../model/container-spec.ts";
import { labels } from "../../model/labels.ts";
import type { PlacedEndpoint } from "../resolve/endpoints.ts";
import type { SharedNetwork } from "../resolve/shared-network.ts";
import type { EnvironmentContext } from "./container-env.ts";

/** What the networks of a container, and its names in them, depend on. */
export interface AttachmentContext extends EnvironmentContext {
  readonly endpoints: readonly PlacedEndpoint[];
  readonly shared?: SharedNetwork | undefined;
  /** A DNS answers for the names of the project, here or on another node. */
  readonly hasDns: boolean;
}

/** How a container is in its networks: the one with its address first. */
export function attachmentsOf(facts: AttachmentContext): NetworkAttachment[] {
  return facts.endpoints.map((endpoint) => {
    const { network, use, address, isChosen } = endpoint;
    const { ipv6, mac } = use;
    const { linkLocalIps, driverOpts, gwPriority, interfaceName } = use;
    return {
      name: network.name,
      address,
      ...(ipv6 === undefined ? {} : { ipv6 }),
      ...(mac === undefined ? {} : { mac }),
      ...withoutUndefined({ linkLocalIps, driverOpts, gwPriority, interfaceName }),
      ...namesIn(endpoint, facts),
      ...(isPlain(endpoint) ? { isOwn: true as const } : {}),
      ...(isChosen && network.key !== ownNetwork ? { isChosen: true as const } : {}),
    };
  });
}

/** In the project's own network, in which nothing but its names is defined. */
function isPlain({ network, use }: PlacedEndpoint): boolean {
  const usual = new Set(["network", "aliases", "implied", "priority"]);
  return network.key === ownNetwork && Object.keys(use).every((key) => usual.has(key));
}

/** In other networks it has the same names as in Compose; in the project's own, the definition adds some. */
function namesIn(
  { network, use }: PlacedEndpoint,
  facts: AttachmentContext,
): Pick<NetworkAttachment, "aliases" | "added" | "implied"> {
  const { host, service } = facts.selected;
  const isOwn = network.key === ownNetwork;
  if (isSharedByCopies(network.key, facts.project)) return { aliases: [] };
  const standard = isOwn ? ownAliases(facts) : [host, service];
  const { implied = [] } = use;
  return {
    aliases: [...new Set([...standard, ...use.aliases, ...implied])],
    ...(isOwn && use.aliases.length > 0 ? { added: use.aliases } : {}),
    ...(implied.length > 0 ? { implied } : {}),
  };
}

/** In an external network, the names belong to the project itself: a copy would answer for it. */
function isSharedByCopies(network: string, { conf, origin }: Project): boolean {
  return copyNameOf(origin) !== undefined && conf.networks?.[network]?.external === true;
}

/**
 * Names that the Engine's own resolver answers for. With a DNS, the name of the service is not among them: it would hide
 * instances on other nodes. Without one, it leads to all instances of the service.
 */
function ownAliases(facts: AttachmentContext): string[] {
  const { selected, settings, env, registered, hasDns, address } = facts;
  const isElsewhere = (env["SERVICE_IP"] ?? address) !== address;
  const elsewhere = isElsewhere || registered?.policy === "HIDE";
  if (elsewhere) return [];
  const own = [selected.host, `${selected.host}.${settings.zone}`];
  return hasDns ? own : [...own, selected.service];
}

/** What it has instead of networks of its own, if not the host's. */
export function networkModeOf({ selected, shared }: AttachmentContext): { networkMode?: string } {
  const mode = selected.definition.networkMode;
  if (mode?.kind === "none") return { networkMode: "none" };
  if (mode?.kind === "container") return { networkMode: `container:${mode.name}` };
  return shared ? { networkMode: `container:${shared.container}` } : {};
}

/** Where its address is, if not in the project's own network alone. */
export function networkLabels({
  selected,
  endpoints,
  shared,
  address,
}: AttachmentContext): Record<string, string> {
  if (selected.properties.nethost || shared) return { [labels.address]: address };
  if (endpoints.every(({ network }) => network.key === ownNetwork) && endpoints.length > 0)
    return {};
  return { [labels.networks]: endpoints.map(({ network }) => network.name).join(",") };
}
