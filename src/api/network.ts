import { isRecord } from "../lib/is-record.ts";
import type { ServiceHandle } from "./link.ts";

/** Options of `network()`. */
export interface NetworkOptions {
  /** True: it is there already and not the project's; Reyns neither creates nor removes it. Default: false. */
  readonly external?: boolean;
  /** Its name on the Engine. Default: one of the project's own; for an external one, the name in the definition. */
  readonly name?: string;
  /** True: nothing leads out of it, neither to the internet nor to other networks. Default: false. */
  readonly internal?: boolean;
  /** Default: `"bridge"`. */
  readonly driver?: string;
  /**
   * Options of the driver.
   *
   * @example
   * driverOpts: { "com.docker.network.driver.mtu": 1450 }
   */
  readonly driverOpts?: Readonly<Record<string, string | number | boolean>>;
  /** Its addresses. Default: a free range that Reyns chooses, which stays the same. */
  readonly ipam?: IpamOptions;
  /** True: containers outside the Swarm may join an overlay network. Default: false. */
  readonly attachable?: boolean;
  /** True: it has IPv6 addresses, too, from a range in `ipam` or else a private one that Reyns chooses. Default: false. */
  readonly enableIpv6?: boolean;
  /** Labels of the network. */
  readonly labels?: Readonly<Record<string, string | number | boolean>>;
}

/** The addresses of a network. */
export interface IpamOptions {
  /** Default: `"default"`. */
  readonly driver?: string;
  /**
   * Ranges of addresses, one for IPv4 and one for IPv6.
   *
   * @example
   * config: [{ subnet: "10.9.0.0/24", gateway: "10.9.0.1", ipRange: "10.9.0.128/25" }]
   */
  readonly config?: readonly AddressPoolOptions[];
  /** Options of the driver. */
  readonly options?: Readonly<Record<string, string | number | boolean>>;
}

export interface AddressPoolOptions {
  /** `"10.9.0.0/24"` */
  readonly subnet?: string;
  /** Default: the first address of the subnet. */
  readonly gateway?: string;
  /** The part of the subnet from which instances get their addresses. Default: all of it. */
  readonly ipRange?: string;
  /** Addresses that no instance gets: `{ router: "10.9.0.254" }`. */
  readonly auxAddresses?: Readonly<Record<string, string>>;
}

/** Points to a network that `network()` declares. */
export interface NetworkHandle {
  readonly network: string;
}

/** How an instance is in a network: its name or handle, or that with names and addresses there. */
export type NetworkInput = string | NetworkHandle | NetworkAttachmentOptions;

export interface NetworkAttachmentOptions {
  readonly network: string | NetworkHandle;
  /** More names of the instance in that network, besides SERVICE-INSTANCE and SERVICE. */
  readonly aliases?: readonly string[];
  /** Fixed IPv4 address, in a `subnet` of the network's `ipam`. Default: one that stays the same, or the Engine's choice. */
  readonly ipv4?: string;
  /** Fixed IPv6 address. Default: the Engine picks one. */
  readonly ipv6?: string;
  /** Hardware address, such as `"02:42:ac:11:00:09"`; in more than one network it needs Docker 25. */
  readonly mac?: string;
  /** The network with the highest is joined first, and `ps` and links show the address in it. Default: 0. */
  readonly priority?: number;
  /** More addresses, link-local ones (RFC 3927): `["169.254.8.8"]`. */
  readonly linkLocalIps?: readonly string[];
  /** Options of the driver for this instance. */
  readonly driverOpts?: Readonly<Record<string, string | number | boolean>>;
  /** The network with the highest has the default gateway. Needs Docker 28. Default: 0. */
  readonly gwPriority?: number;
  /** The name of the interface in the container, such as `"eth1"`. Needs Docker 28.1. Default: the Engine's. */
  readonly interfaceName?: string;
}

/** What an instance has instead of networks of its own. */
export type NetworkModeInput =
  | "host"
  | "none"
  | `service:${string}`
  | `container:${string}`
  | ServiceHandle;

export function isNetworkHandle(given: unknown): given is NetworkHandle {
  return isRecord(given) && typeof given["network"] === "string";
}
