import { networkInterfaces } from "node:os";
import type { HostAddress } from "../../model/observed.ts";

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

/** Lists all addresses of this host, those of IPv6 after those of IPv4. */
export function listAllHostAddresses(): HostAddress[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.map(({ address, family }) => ({ name, address, family })),
  );
  return ["IPv4", "IPv6"].flatMap((family) =>
    all.filter((entry) => entry.family === family).map(({ name, address }) => ({ name, address })),
  );
}

/** Maps each interface to its first IPv4 address. */
export function hostInterfaces(
  addresses: readonly HostAddress[] = listHostAddresses(),
): Record<string, string> {
  const first: Record<string, string> = {};
  for (const { name, address } of addresses) first[name] ??= address;
  return first;
}
