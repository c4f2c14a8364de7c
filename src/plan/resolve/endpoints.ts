import { networkNameOf, ownNetwork } from "../../model/resource-names.ts";
import type { NetworkUse } from "../../model/networks.ts";
import type { Project } from "../../model/project.ts";
import type { Observed, ObservedInstance } from "../../model/observed.ts";
import type { SelectedInstance } from "../select/selection.ts";
import { chooseAddress, chooseGivenAddress, isInSubnet } from "./addresses.ts";
import { usesOf, type PlannedNetwork, type PlannedNetworks } from "./networks.ts";

/** How an instance is in one of its networks. */
export interface PlacedEndpoint {
  readonly network: PlannedNetwork;
  readonly use: NetworkUse;
  /** Undefined: the Engine chooses it. */
  readonly address: string | undefined;
  /** It follows from the instance's name. */
  readonly isChosen: boolean;
}

export interface EndpointContext {
  readonly project: Pick<Project, "name" | "origin">;
  readonly observed: Observed;
  readonly networks: PlannedNetworks;
}

interface Found {
  readonly isDns: boolean;
  readonly existing: ObservedInstance | undefined;
}

/** Returns the function that gives one instance after the other its endpoints, no address twice. */
export function endpointPlacer(
  selected: readonly SelectedInstance[],
  context: EndpointContext,
): (instance: SelectedInstance, found: Found) => PlacedEndpoint[] {
  const taken = new Map(
    [...context.networks.values()].map((network) => [
      network.key,
      takenAddresses(network, selected, context),
    ]),
  );
  return (instance, found) =>
    usesOf(instance).flatMap((use): PlacedEndpoint[] => {
      const network = context.networks.get(use.network);
      if (!network) return [];
      const fixed = isSecond(instance) ? undefined : use.ipv4;
      // A task gets the address that Swarm chooses.
      if (fixed !== undefined || !network.range || instance.definition.swarm)
        return [{ network, use: fixedUse(instance, use), address: fixed, isChosen: false }];
      const addresses = taken.get(network.key) ?? new Set();
      const address = chooseFor(instance, { ...found, network, addresses }, context);
      return [{ network, use: fixedUse(instance, use), address, isChosen: true }];
    });
}

/** Another container of a definition cannot have what is given to one: `run SERVICE -- COMMAND`, `new=true`. */
function isSecond({ session, isAdHoc }: SelectedInstance): boolean {
  return session !== undefined || isAdHoc;
}

function fixedUse(instance: SelectedInstance, use: NetworkUse): NetworkUse {
  if (!isSecond(instance)) return use;
  const { network, aliases } = use;
  return { network, aliases };
}

function chooseFor(
  { host }: SelectedInstance,
  {
    network,
    addresses,
    isDns,
    existing,
  }: Found & { readonly network: PlannedNetwork; readonly addresses: Set<string> },
  { project, observed }: EndpointContext,
): string {
  const { range } = network;
  if (!range) return "";
  const settled = network.key === ownNetwork ? observed.settled?.get(host) : undefined;
  if (settled !== undefined) return settled;
  const own = addressIn(existing, network.name, networkNameOf(project));
  if (own !== undefined && isInSubnet(own, range.subnet)) return own;
  return range.isGiven
    ? chooseGivenAddress(range.pool, host, addresses)
    : chooseAddress(range.subnet, host, isDns, addresses);
}

/** The address that an instance has in a network. */
function addressIn(
  instance: ObservedInstance | undefined,
  network: string,
  own: string,
): string | undefined {
  const endpoint = instance?.networks?.find(({ name }) => name === network);
  return endpoint?.address || (network === own ? instance?.address : undefined);
}

function takenAddresses(
  { key, name }: PlannedNetwork,
  selected: readonly SelectedInstance[],
  { observed }: EndpointContext,
): Set<string> {
  const users = observed.networks?.find((network) => network.name === name)?.users ?? [];
  const fixed = selected.flatMap((instance) =>
    usesOf(instance).flatMap(({ network, ipv4 }) => (network === key ? (ipv4 ?? []) : [])),
  );
  const own =
    key === ownNetwork
      ? [
          ...observed.instances.flatMap(({ address }) => address ?? []),
          ...(observed.settled?.values() ?? []),
        ]
      : [];
  return new Set([...own, ...users.map(({ address }) => address), ...fixed]);
}
