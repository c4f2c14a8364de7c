import type { Place } from "../errors.ts";
import type { FieldChange } from "./fields.ts";

/** What `network()` declares. */
export interface NetworkDefinition extends NetworkSettings {
  /** It is there already, and is not the project's: never created or removed. */
  readonly external: boolean;
  /** Its name on the Engine, instead of one of the project's own. */
  readonly name?: string | undefined;
  /** It spans all nodes of the conf, as `network("overlay")` says where there are some. */
  readonly isSpanning?: boolean | undefined;
  readonly at?: Place;
}

/**
 * Whether the project's own network can be what a definition of `default` says: it has a name and a driver that Reyns
 * relies on.
 */
export function canBeOwn(definition: NetworkDefinition): boolean {
  const { external, name, driver = "bridge", ipam, isSpanning } = definition;
  if (isSpanning) return true;
  const isDefault = (ipam?.driver ?? "default") === "default";
  return !external && name === undefined && driver === "bridge" && isDefault;
}

/** How the Engine makes a network, in Compose's words. */
export interface NetworkSettings {
  readonly driver?: string | undefined;
  readonly driverOpts?: Readonly<Record<string, string>> | undefined;
  /** Nothing leads out of it. */
  readonly internal?: boolean | undefined;
  readonly attachable?: boolean | undefined;
  readonly enableIpv6?: boolean | undefined;
  readonly ipam?: AddressManagement | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

export interface AddressManagement {
  readonly driver?: string | undefined;
  readonly config?: readonly AddressPool[] | undefined;
  readonly options?: Readonly<Record<string, string>> | undefined;
}

/** A range of addresses of a network. */
export interface AddressPool {
  /** In CIDR form, as `ipRange`. */
  readonly subnet?: string | undefined;
  readonly gateway?: string | undefined;
  /** From which the Engine assigns addresses to containers without a fixed one. */
  readonly ipRange?: string | undefined;
  /** Addresses that nobody gets, by what they are for. */
  readonly auxAddresses?: Readonly<Record<string, string>> | undefined;
}

/** A network as the Engine is asked for it. */
export interface NetworkSpec {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly settings: NetworkSettings;
  readonly pools: readonly AddressPool[];
}

/** A network on the Engine. */
export interface ObservedNetwork {
  readonly id: string;
  readonly name: string;
  /** Name and origin of the project that its labels name; empty without them. */
  readonly project: string;
  readonly origin: string;
  /** In CIDR form. */
  readonly subnets: readonly string[];
  /** What it was defined by, as JSON: part -> digest. */
  readonly definition: string | undefined;
  /** Its settings as they are. */
  readonly settings: NetworkSettings;
  /** The containers that it has, stopped or not. */
  readonly users: readonly NetworkUser[];
}

export interface NetworkUser {
  /** The container's id and name. */
  readonly id: string;
  readonly name: string;
  readonly address: string;
}

/** A container's endpoint in a network. */
export interface ObservedEndpoint {
  /** The network's name. */
  readonly name: string;
  readonly address: string;
}

export interface ReplacedNetwork {
  readonly id: string;
  /** Ids of the containers that are in it, all of the project. */
  readonly containers: readonly string[];
  /** Old and new value of each setting that differs. */
  readonly changes: readonly FieldChange[];
}

/** What the Engine passes on for one container in a network. */
export interface EndpointOptions {
  /** Link-local addresses (RFC 3927), besides the others. */
  readonly linkLocalIps?: readonly string[];
  readonly driverOpts?: Readonly<Record<string, string>>;
  /** The network with the highest has the default gateway. */
  readonly gwPriority?: number;
  /** The name of the interface in the container. */
  readonly interfaceName?: string;
}

/** How an instance is in a network. */
export interface NetworkUse extends EndpointOptions {
  /** As the definition calls it; `default` is the project's own. */
  readonly network: string;
  readonly aliases: readonly string[];
  /** More of them, which are no part of the definition: a container that lacks them has not changed. */
  readonly implied?: readonly string[];
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly mac?: string;
  /** The highest is joined first, and the instance's address is in it. Default: 0. */
  readonly priority?: number;
}

/** An address of this host, and the interface that has it. */
export interface HostAddress {
  readonly name: string;
  readonly address: string;
}
