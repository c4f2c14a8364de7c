import ipaddr from "ipaddr.js";

/** First and last address, as numbers. */
export type Ipv4Range = readonly [first: number, last: number];

/** Whether a text is an address of IPv4 in its four decimal parts. */
export function isIpv4(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** The addresses of a subnet in CIDR form; undefined when it is not IPv4. */
export function parseRange(cidr: string): Ipv4Range | undefined {
  if (!ipaddr.IPv4.isValidCIDR(cidr)) return undefined;
  const [address, bits] = ipaddr.IPv4.parseCIDR(cidr);
  const size = 2 ** (32 - bits);
  const start = Math.floor(toNumber(address.toString()) / size) * size;
  return [start, start + size - 1];
}

export function overlaps([first, last]: Ipv4Range, [otherFirst, otherLast]: Ipv4Range): boolean {
  return first <= otherLast && otherFirst <= last;
}

export function toNumber(address: string): number {
  return ipaddr.IPv4.parse(address).octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

export function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
