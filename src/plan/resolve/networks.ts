import type { AddressPool, NetworkDefinition, NetworkUse } from "../../model/networks.ts";
import type { Project } from "../../model/project.ts";
import { declaredNetworkName, networkNameOf, ownNetwork } from "../../model/resource-names.ts";
import { parseRange } from "../../lib/ipv4-range.ts";
import { gatewayOf } from "./addresses.ts";
import type { SelectedInstance } from "../select/selection.ts";

/** A network that instances of a plan are in. */
export interface PlannedNetwork {
  /** Its name in the definition. */
  readonly key: string;
  /** Its name on the Engine. */
  readonly name: string;
  /** Where the addresses of instances are; undefined: the Engine chooses them. */
  readonly range: AddressRange | undefined;
  /** Removed and made anew before anything starts in it. */
  readonly isReplaced: boolean;
  /** Nothing leads out of it. */
  readonly isInternal: boolean;
}

/** The range that a definition gives, or one of ours, of which the upper half is the Engine's. */
export type AddressRange =
  | { readonly subnet: string; readonly isGiven: false }
  | { readonly subnet: string; readonly isGiven: true; readonly pool: AddressPool };

/** Networks of a plan by their names in the definition. */
export type PlannedNetworks = ReadonlyMap<string, PlannedNetwork>;

/** How an instance is in its networks: the one with its address first. */
export function usesOf({ definition, properties }: SelectedInstance): readonly NetworkUse[] {
  if (properties.nethost || definition.networkMode) return [];
  const { networks = [{ network: ownNetwork, aliases: [] }] } = definition;
  const rank = ({ network, priority = 0 }: NetworkUse): number =>
    network === ownNetwork ? Infinity : priority;
  return networks.toSorted((one, other) => compareNumbers(rank(other), rank(one)));
}

function compareNumbers(one: number, other: number): number {
  return one === other ? 0 : one - other;
}

/** Its project's own network, where the address is that others of the project know. */
export function isInOwnNetwork(selected: SelectedInstance): boolean {
  return usesOf(selected).some(({ network }) => network === ownNetwork);
}

/** The IPv4 range of a network that the definition or the Engine has. */
export function rangeOf(
  definition: NetworkDefinition | undefined,
  subnets: readonly string[],
): AddressRange | undefined {
  if (definition?.external || (definition && !usesPools(definition))) return undefined;
  const given = definition?.ipam?.config?.find(isIpv4Pool);
  const subnet = given?.subnet ?? subnets.find((cidr) => parseRange(cidr) !== undefined);
  if (subnet === undefined) return undefined;
  return given ? { subnet, isGiven: true, pool: given } : { subnet, isGiven: false };
}

/** The address that the host itself has in a network; in none, any address will do. */
export function gatewayIn(range: AddressRange | undefined): string {
  const given = range?.isGiven ? range.pool.gateway : undefined;
  return given ?? gatewayOf(range?.subnet ?? "");
}

export function isIpv4Pool({ subnet }: AddressPool): boolean {
  return subnet !== undefined && parseRange(subnet) !== undefined;
}

/** Whether addresses can be told from ranges: not so with a driver that has rules of its own. */
export function usesPools({ driver = "bridge", ipam, isSpanning }: NetworkDefinition): boolean {
  if (isSpanning) return true;
  const isDefault = (ipam?.driver ?? "default") === "default";
  return isDefault && (driver === "bridge" || (ipam?.config?.some(isIpv4Pool) ?? false));
}

/** The networks of a project where nothing is: any range of addresses will do. */
export function assumedNetworks(project: Project): PlannedNetworks {
  const own: NetworkDefinition = { external: false };
  const declared = Object.entries({ [ownNetwork]: own, ...project.conf.networks });
  const range = { subnet: "10.192.0.0/20", isGiven: false } as const;
  return new Map(
    declared.map(([key, definition]): [string, PlannedNetwork] => [
      key,
      {
        key,
        name:
          key === ownNetwork
            ? networkNameOf(project)
            : declaredNetworkName(project, key, definition),
        range: rangeOf(definition, [range.subnet]),
        isReplaced: false,
        isInternal: definition.internal ?? false,
      },
    ]),
  );
}
