import { networkInterfaces } from "node:os";
import type { HostAddress } from "../../model/networks.ts";

interface InterfaceAddress extends HostAddress {
  /** The address with its subnet, as in 192.0.2.7/24. */
  readonly cidr: string | null;
}

/** Lists the IPv4 addresses of this host, each with its interface. */
export function listHostAddresses(): InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family }) => family === "IPv4")
      .map(({ address, cidr }) => ({ name, address, cidr })),
  );
}

/** The addresses of this host, as a plan needs them. */
export interface HostNetwork {
  /** All of them, those of IPv6 after those of IPv4. */
  readonly addresses: readonly HostAddress[];
  /** Each interface -> its first IPv4 address. */
  readonly interfaces: Readonly<Record<string, string>>;
}

/** Asks the system once, which takes a millisecond. */
export function readHostNetwork(): HostNetwork {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.map(({ address, family }) => ({ name, address, family })),
  );
  const [ipv4, ipv6] = ["IPv4", "IPv6"].map((wanted) =>
    all.filter(({ family }) => family === wanted).map(({ name, address }) => ({ name, address })),
  ) as [HostAddress[], HostAddress[]];
  return { addresses: [...ipv4, ...ipv6], interfaces: firstOfEach(ipv4) };
}

/** Maps each interface to its first IPv4 address. */
export function hostInterfaces(): Readonly<Record<string, string>> {
  return firstOfEach(listHostAddresses());
}

function firstOfEach(addresses: readonly HostAddress[]): Record<string, string> {
  const first: Record<string, string> = {};
  for (const { name, address } of addresses) first[name] ??= address;
  return first;
}
