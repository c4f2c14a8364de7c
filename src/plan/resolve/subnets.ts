import { ReynsError } from "../../errors.ts";
import { overlaps, parseRange, toAddress, type Ipv4Range } from "../../lib/ipv4-range.ts";
import { sha256 } from "../../lib/sha256.ts";

/** The parts of a project's network. */
export interface Subnet {
  readonly subnet: string;
  readonly gateway: string;
  /** Left to the Engine, for containers that are not ours. */
  readonly ipRange: string;
}

/**
 * Where project networks lie, in this order: the next one is for hosts with a route for all of 10.0.0.0/8, such as that
 * of a VPN. Docker's own networks begin with the second one.
 */
const defaultPools = ["10.192.0.0/10", "172.16.0.0/12", "192.168.0.0/16"];

/** 4094 addresses for a project: half for instances, half for the Engine. */
const standardSize = 4096;

/** The variable that names another pool. */
export const poolVariable = "NETWORK_POOL";

/**
 * Chooses a free subnet. The same project gets the same one again wherever it is free, so that addresses stay when a
 * network is made anew.
 *
 * @param taken subnets in CIDR form that must not overlap
 * @param pool the value of NETWORK_POOL: the only range to choose from
 * @throws ReynsError INVALID_VALUE for a pool that is no range; ENGINE_REFUSED when nothing is free
 */
export function chooseSubnet(seed: string, taken: readonly string[], pool?: string): Subnet {
  const pools = pool === undefined ? defaultPools : [checkedPool(pool)];
  const ranges = taken.flatMap((cidr) => {
    const range = parseRange(cidr);
    return range ? [range] : [];
  });
  for (const candidate of pools) {
    const found = chooseFrom(candidate, seed, ranges);
    if (found) return found;
  }
  throw noneLeft(pools, taken);
}

/** A private IPv6 subnet (RFC 4193), the same again for the same network. */
export function chooseIpv6Subnet(seed: string): { subnet: string } {
  const digits = sha256(seed).toString("hex").slice(0, 14);
  const [, first, second, third, fourth] = /(..)(....)(....)(....)/.exec(digits) ?? [];
  return { subnet: `fd${first}:${second}:${third}:${fourth}::/64` };
}

function chooseFrom(pool: string, seed: string, taken: readonly Ipv4Range[]): Subnet | undefined {
  const [poolStart, poolEnd] = parseRange(pool) ?? [0, -1];
  const size = Math.min(standardSize, poolEnd - poolStart + 1);
  const count = (poolEnd - poolStart + 1) / size;
  const first = sha256(seed).readUInt32BE(0) % count;
  for (let step = 0; step < count; step += 1) {
    const start = poolStart + ((first + step) % count) * size;
    if (!taken.some((range) => overlaps(range, [start, start + size - 1])))
      return subnetAt(start, size);
  }
  return undefined;
}

function subnetAt(start: number, size: number): Subnet {
  const prefix = 32 - Math.log2(size);
  return {
    subnet: `${toAddress(start)}/${prefix}`,
    gateway: toAddress(start + 1),
    ipRange: `${toAddress(start + size / 2)}/${prefix + 1}`,
  };
}

/** Smaller ones leave too few fixed addresses. */
const smallestPool = 256;

function checkedPool(pool: string): string {
  const range = parseRange(pool);
  if (range && range[1] - range[0] + 1 >= smallestPool) return pool;
  throw new ReynsError("INVALID_VALUE", `${poolVariable} is "${pool}"`, {
    hint: "write a range of at least 256 IPv4 addresses that nothing else uses, such as 10.64.0.0/16",
  });
}

function noneLeft(pools: readonly string[], taken: readonly string[]): ReynsError {
  const blocking = taken.filter((cidr) =>
    pools.some((pool) => {
      const [range, other] = [parseRange(pool), parseRange(cidr)];
      return range !== undefined && other !== undefined && overlaps(range, other);
    }),
  );
  const largest = [...new Set(blocking)].toSorted((a, b) => bitsOf(a) - bitsOf(b));
  const more = largest.length > 8 ? `, and ${largest.length - 8} more` : "";
  const message = `no subnet of ${pools.join(", ")} is free for the project's network; taken by interfaces, routes and Docker networks: ${largest.slice(0, 8).join(", ")}${more}`;
  const hint = `set ${poolVariable} to a free range, in the environment or in host.conf: ${poolVariable}=10.64.0.0/16`;
  return new ReynsError("ENGINE_REFUSED", message, { hint });
}

function bitsOf(cidr: string): number {
  return Number(cidr.split("/")[1]);
}
