import { isIP } from "node:net";
import { freePort, type PortProtocol } from "./ports.ts";

/** A port as `docker run --publish` says it; `ip` is empty for all addresses of the host. */
export interface ParsedPort {
  readonly container: number;
  /** Undefined: it was not said. */
  readonly host: number | undefined;
  readonly protocol: PortProtocol;
  readonly ip: string;
}

const form =
  /^(?:(?:(?<ip>[\d.]+|\[[\da-f:.]+\]):)?(?<host>\d*(?:-\d+)?):)?(?<container>\d+(?:-\d+)?)(?:\/(?<protocol>tcp|udp|sctp))?$/i;

export const portForm =
  '"[IP:][HOST:]CONTAINER[/udp]" such as "8080:80", "8000-8002:8000-8002", "[::1]:8080:80"; HOST 0 is a free port';

/**
 * Parses `[[IP:][HOST]:]CONTAINER[/udp]`, where both ports may be ranges of the same length. An empty HOST, or 0, is a
 * free port.
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
  return inside.map((container, index) => ({ container, host: outside[index], protocol, ip }));
}

/** One for each port of the container. */
function parseHost(
  text: string | undefined,
  inside: readonly number[] | undefined,
): readonly (number | undefined)[] | undefined {
  if (!inside) return undefined;
  if (text === undefined) return inside.map(() => undefined);
  if (text === "" || text === "0") return inside.map(() => freePort);
  const ports = parseRange(text);
  return ports?.length === inside.length ? ports : undefined;
}

function parseRange(text: string): number[] | undefined {
  const [first = "", last = first] = text.split("-");
  const [from, to] = [Number(first), Number(last)];
  if (first === "" || from < 1 || to > 65_535 || from > to) return undefined;
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** Whether a text is an address of a host: the four parts of IPv4, or IPv6. */
export function isAddress(text: string): boolean {
  return isIP(text) > 0 && !text.includes("%");
}
