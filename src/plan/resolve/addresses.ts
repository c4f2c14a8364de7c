import { sha256 } from "../../lib/sha256.ts";
import ipaddr from "ipaddr.js";
import { ReynsError } from "../../errors.ts";

/** The parts of a project's network. */
export interface Subnet {
  readonly subnet: string;
  readonly gateway: string;
  /** Left to the Engine, for containers that are not ours. */
  readonly ipRange: string;
}

/** Project networks lie in 10.192.0.0/10, 4094 addresses each: half for instances, half for the Engine. */
const poolStart = number("10.192.0.0");
const poolSubnets = 1024;
const subnetSize = 4096;
const prefix = 20;
/** Below it: network, gateway, and the fixed addresses of DNS instances. */
const firstInstance = 32;
const firstDns = 2;

/**
 * Chooses a free subnet. The same project gets the same one again wherever it is free, so that
 * addresses stay when a network is made anew.
 *
 * @param taken subnets in CIDR form that must not overlap
 */
export function chooseSubnet(seed: string, taken: readonly string[]): Subnet {
  const ranges = taken.flatMap(rangeOf);
  const first = hash(seed) % poolSubnets;
  for (let step = 0; step < poolSubnets; step += 1) {
    const start = poolStart + ((first + step) % poolSubnets) * subnetSize;
    if (ranges.every(([from, to]) => to < start || from >= start + subnetSize))
      return subnetAt(start);
  }
  throw new ReynsError(
    "ENGINE_REFUSED",
    "no free subnet is left in 10.192.0.0/10 for the project's network",
    {
      hint: "remove networks that nobody uses: docker network prune",
    },
  );
}

function subnetAt(start: number): Subnet {
  return {
    subnet: `${text(start)}/${prefix}`,
    gateway: text(start + 1),
    ipRange: `${text(start + subnetSize / 2)}/${prefix + 1}`,
  };
}

/** The address that the host itself has in a project's network. */
export function gatewayOf(subnet: string): string {
  const [start] = rangeOf(subnet)[0] ?? [poolStart];
  return text(start + 1);
}

export function isInSubnet(address: string, subnet: string): boolean {
  const [range] = rangeOf(subnet);
  if (!range || !ipaddr.IPv4.isValid(address)) return false;
  return number(address) > range[0] && number(address) < range[1];
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
  const [start, end] = rangeOf(subnet)[0] ?? [poolStart, poolStart + subnetSize - 1];
  // A network that somebody else made may be smaller than ours.
  const size = Math.min(end - start + 1, subnetSize);
  const from = isDns ? firstDns : Math.min(firstInstance, size / 2);
  const count = isDns ? Math.min(firstInstance, size / 2) - firstDns : size / 2 - from;
  const first = isDns ? 0 : hash(host) % count;
  for (let step = 0; step < count; step += 1) {
    const address = text(start + from + ((first + step) % count));
    if (taken.has(address)) continue;
    taken.add(address);
    return address;
  }
  throw new ReynsError(
    "ENGINE_REFUSED",
    `the project's network ${subnet} has no free address for ${host}`,
  );
}

/** First and last address of a subnet as numbers; none when it is not IPv4. */
function rangeOf(cidr: string): [number, number][] {
  if (!ipaddr.IPv4.isValidCIDR(cidr)) return [];
  const [address, bits] = ipaddr.IPv4.parseCIDR(cidr);
  const size = 2 ** (32 - bits);
  const start = Math.floor(number(address.toString()) / size) * size;
  return [[start, start + size - 1]];
}

function number(address: string): number {
  return ipaddr.IPv4.parse(address).octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

function text(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

function hash(seed: string): number {
  return sha256(seed).readUInt32BE(0);
}
