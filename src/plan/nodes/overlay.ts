import type { ObservedNetwork } from "../../model/networks.ts";
import { definesSecondary } from "../../model/dns-settings.ts";
import { addressOf, type ProjectNode } from "../../model/nodes.ts";
import type { Observed } from "../../model/observed.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import { networkNameOf, ownNetwork } from "../../model/resource-names.ts";
import { planNetworks } from "../network-plan.ts";
import { chooseAddress, chooseGivenAddress, isInSubnet } from "../resolve/addresses.ts";
import { definesDns } from "../resolve/elsewhere.ts";
import type { EnvironmentSources } from "../resolve/environment.ts";
import type { AddressRange } from "../resolve/networks.ts";
import { definedHost } from "./values.ts";

/** What one look at the Engine of a node showed. */
export interface SeenNode {
  readonly node: ProjectNode;
  readonly observed: Observed;
}

/** What all nodes have of the network that spans them. */
type SharedObservation = Pick<Observed, "subnet" | "networks" | "takenSubnets" | "settled">;

/**
 * Puts together what the nodes show of the network that spans them, of which each sees its own containers only, and
 * settles the addresses in it for all of them: no two instances have the same.
 *
 * @throws ReynsError ENGINE_REFUSED when the network is another one than before
 */
export function shareNetwork(
  project: Project,
  seen: readonly SeenNode[],
  sources: Pick<EnvironmentSources, "caller" | "hostConf">,
): SharedObservation {
  const name = networkNameOf(project);
  const found = seen.flatMap(({ observed: { networks = [] } }) =>
    networks.filter((network) => network.name === name),
  );
  // One of a former definition, if there is any.
  const main = found.find(({ settings }) => settings.driver !== "overlay") ?? found[0];
  const users = found.flatMap((network) => network.users);
  const machines = seen.flatMap(({ node }) => addressOf(node) ?? []);
  const taken = seen.flatMap(({ observed }) => observed.takenSubnets);
  const shared = {
    subnet: main?.subnets[0],
    networks: main ? [{ ...main, users }] : [],
    takenSubnets: [...new Set([...taken, ...machines.map((address) => `${address}/24`)])],
  };
  const [first] = seen;
  if (!first) return shared;
  const observed = { ...first.observed, ...shared };
  const { networks } = planNetworks(project, [], { observed, sources, keep: false });
  const range = networks.get(ownNetwork)?.range;
  return { ...shared, settled: range && settle(project, seen, { range, users }) };
}

/** The same with the other networks of one node. */
export function withShared(observed: Observed, shared: SharedObservation): Observed {
  const own = new Set((shared.networks ?? []).map(({ name }) => name));
  const others = (observed.networks ?? []).filter(({ name }) => !own.has(name));
  return { ...observed, ...shared, networks: [...others, ...(shared.networks ?? [])] };
}

function settle(
  project: Project,
  seen: readonly SeenNode[],
  { range, users }: { readonly range: AddressRange; readonly users: ObservedNetwork["users"] },
): Map<string, string> {
  const defined = project.conf.instances.filter(isInOwn);
  const existing = new Map(
    defined.flatMap((definition) => {
      const address = addressNow(definition, seen);
      const isRight = address !== undefined && isInSubnet(address, range.subnet);
      return isRight ? [[definedHost(definition), address] as const] : [];
    }),
  );
  const fixed = new Map(
    defined.flatMap((definition) => {
      const given = definition.networks?.find(({ network }) => network === ownNetwork)?.ipv4;
      return given === undefined ? [] : [[definedHost(definition), given] as const];
    }),
  );
  const taken = new Set([
    ...users.map(({ address }) => address),
    ...existing.values(),
    ...fixed.values(),
  ]);
  // There are fewer addresses for a DNS than there may be machines.
  const isFirstDns = (definition: InstanceDefinition): boolean =>
    definesDns(definition, project) && !definesSecondary(definition);
  const choose = (definition: InstanceDefinition): string =>
    range.isGiven
      ? chooseGivenAddress(range.pool, definedHost(definition), taken)
      : chooseAddress(range.subnet, definedHost(definition), isFirstDns(definition), taken);
  return new Map(
    defined.map((definition) => {
      const host = definedHost(definition);
      return [host, fixed.get(host) ?? existing.get(host) ?? choose(definition)];
    }),
  );
}

/** Those without a name get one that nobody knows yet; tasks get what Swarm chooses. */
export function isInOwn({
  instance,
  networks,
  networkMode,
  properties,
  swarm,
}: InstanceDefinition): boolean {
  if (instance === undefined || networkMode || properties.nethost || swarm) return false;
  return networks === undefined || networks.some(({ network }) => network === ownNetwork);
}

/** The address that it has on its node; on another one it is no instance of this definition any more. */
function addressNow(definition: InstanceDefinition, seen: readonly SeenNode[]): string | undefined {
  const own = seen.find(({ node }) => node.name === definition.group);
  const host = definedHost(definition);
  return own?.observed.instances.find((one) => one.host === host)?.address || undefined;
}
