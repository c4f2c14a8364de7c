import { isIpv4 } from "../lib/ipv4-range.ts";
import { freePort, type PortProtocol } from "./ports.ts";

/** A port as `docker run --publish` says it; `ip` is empty for all addresses of the host. */
export interface ParsedPort {
  readonly container: number;
  /** Undefined: it was not said. */
  readonly host: number | undefined;
  /** The range that a free port of the host has to be in: "8000-8010". */
  readonly within?: string;
  readonly protocol: PortProtocol;
  readonly ip: string;
}

const form =
  /^(?:(?:(?<ip>[\d.]+|\[[\da-f:.]+\]):)?(?<host>\d*(?:-\d+)?):)?(?<container>\d+(?:-\d+)?)(?:\/(?<protocol>tcp|udp|sctp))?$/i;

export const portForm =
  '"[IP:][HOST:]CONTAINER[/udp]" such as "8080:80", "8000-8002:8000-8002", "[::1]:8080:80"; HOST 0 is a free port, "8000-8010:80" one of a range';

/**
 * Parses `[[IP:][HOST]:]CONTAINER[/udp]`, where both ports may be ranges of the same length. An empty HOST, or 0, is a
 * free port; a range for one port of the container is a free one of these.
 *
 * @returns undefined when it is not of that form, or no port from 1 to 65535
 * @example
 * parsePorts("127.0.0.1:8080:80") // [{ container: 80, host: 8080, protocol: "tcp", ip: "127.0.0.1" }]
 * parsePorts("[::1]::80/udp") // [{ container: 80, host: 0, protocol: "udp", ip: "::1" }]
 */
export function parsePorts(text: string): ParsedPort[] | undefined {
  const groups = form.exec(text)?.groups;
  if (!groups) return undefined;
  const ip = (groups["ip"] ?? "").replaceAll(/[[\]]/g, "");
  if (ip !== "" && !isAddress(ip)) return undefined;
  const inside = parseRange(groups["container"] ?? "");
  const outside = parseHost(groups["host"], inside);
  if (!inside || !outside) return undefined;
  const protocol = (groups["protocol"]?.toLowerCase() ?? "tcp") as PortProtocol;
  return inside.map((container, index) => ({
    container,
    ...(outside[index] ?? { host: undefined }),
    protocol,
    ip,
  }));
}

/** One for each port of the container. */
function parseHost(
  text: string | undefined,
  inside: readonly number[] | undefined,
): readonly Pick<ParsedPort, "host" | "within">[] | undefined {
  if (!inside) return undefined;
  if (text === undefined) return inside.map(() => ({ host: undefined }));
  if (text === "" || text === "0") return inside.map(() => ({ host: freePort }));
  const ports = parseRange(text);
  if (ports && inside.length === 1 && ports.length > 1) return [{ host: freePort, within: text }];
  return ports?.length === inside.length ? ports.map((host) => ({ host })) : undefined;
}

/** Whether a text is a range of ports: `"8000-8010"`. */
export function isPortRange(text: string): boolean {
  return /^\d+-\d+$/.test(text) && parseRange(text) !== undefined;
}

/** Whether a port is in a range; every port is where there is none. */
export function isWithin(port: number, range: string | undefined): boolean {
  return range === undefined || (parseRange(range)?.includes(port) ?? false);
}

function parseRange(text: string): number[] | undefined {
  const [first = "", last = first] = text.split("-");
  const [from, to] = [Number(first), Number(last)];
  if (first === "" || from < 1 || to > 65_535 || from > to) return undefined;
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** Whether a text is an address of a host: the four parts of IPv4, or IPv6. */
export function isAddress(text: string): boolean {
  if (!text.includes(":")) return isIpv4(text);
  // Loaded for IPv6 alone, as it loads all streams. ipaddr.js accepts leading zeros in the last part.
  return process.getBuiltinModule("node:net").isIPv6(text) && !text.includes("%");
}
