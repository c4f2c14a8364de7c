import ipaddr from "ipaddr.js";
import { ReynsError } from "../../errors.ts";
import { parseRange, toAddress, toNumber } from "../../lib/ipv4-range.ts";
import { sha256 } from "../../lib/sha256.ts";
import type { AddressPool } from "../../model/networks.ts";

/** Before a network is chosen, any address will do. */
const anyRange = [0, 4095] as const;
const largestNetwork = 4096;
/** Below it: network, gateway, and the fixed addresses of DNS instances. */
const firstInstance = 32;
const firstDns = 2;

/** The address that the host itself has in a project's network. */
export function gatewayOf(subnet: string): string {
  const [start] = parseRange(subnet) ?? anyRange;
  return toAddress(start + 1);
}

export function isInSubnet(address: string, subnet: string): boolean {
  const range = parseRange(subnet);
  if (!range || !ipaddr.IPv4.isValid(address)) return false;
  return toNumber(address) > range[0] && toNumber(address) < range[1];
}

/**
 * Chooses the fixed address of an instance: the same for the same name, or the next free one.
 * A DNS gets one of the first addresses.
 *
 * @param taken addresses in use; the chosen one is added
 */
export function chooseAddress(
  subnet: string,
  host: string,
  isDns: boolean,
  taken: Set<string>,
): string {
  const [start, end] = parseRange(subnet) ?? anyRange;
  // A network that somebody else made may be smaller than ours.
  const size = Math.min(end - start + 1, largestNetwork);
  const from = isDns ? firstDns : Math.min(firstInstance, size / 2);
  const count = isDns ? Math.min(firstInstance, size / 2) - firstDns : size / 2 - from;
  const first = isDns ? 0 : sha256(host).readUInt32BE(0) % count;
  for (let step = 0; step < count; step += 1) {
    const address = toAddress(start + from + ((first + step) % count));
    if (taken.has(address)) continue;
    taken.add(address);
    return address;
  }
  throw noneFree(subnet, host);
}

/**
 * Chooses an address in the range that a definition gives: from its `ipRange`, if it has one.
 *
 * @param taken addresses in use; the chosen one is added
 */
export function chooseGivenAddress(
  { subnet = "", ipRange = subnet, gateway, auxAddresses = {} }: AddressPool,
  host: string,
  taken: Set<string>,
): string {
  const [first, last] = parseRange(subnet) ?? anyRange;
  const [start, end] = parseRange(ipRange) ?? [first, last];
  const others = [gateway ?? toAddress(first + 1), toAddress(first), toAddress(last)];
  const excluded = new Set([...others, ...Object.values(auxAddresses)]);
  const count = end - start + 1;
  const offset = sha256(host).readUInt32BE(0) % count;
  for (let step = 0; step < count; step += 1) {
    const address = toAddress(start + ((offset + step) % count));
    if (taken.has(address) || excluded.has(address)) continue;
    taken.add(address);
    return address;
  }
  throw noneFree(ipRange, host);
}

function noneFree(range: string, host: string): ReynsError {
  const message = `the network ${range} has no free address for ${host}`;
  return new ReynsError("ENGINE_REFUSED", message);
}
