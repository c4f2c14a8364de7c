import { networkInterfaces } from "node:os";
import type { HostAddress } from "../../model/observed.ts";

/** Lists the IPv4 addresses of this host, each with its interface. */
export function listHostAddresses(): HostAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.filter(({ family }) => family === "IPv4").map(({ address }) => ({ name, address })),
  );
}

/** Maps each interface to its first IPv4 address. */
export function hostInterfaces(addresses = listHostAddresses()): Record<string, string> {
  const first: Record<string, string> = {};
  for (const { name, address } of addresses) first[name] ??= address;
  return first;
}
