import { isIP } from "node:net";
import type { TextRange } from "./source-node.ts";
import { compareStrings } from "../../lib/compare-strings.ts";

interface ShortPort {
  readonly address: string | undefined;
  readonly addressAt: TextRange;
  /** Missing if the Engine chooses. */
  readonly publishedAt: TextRange;
  readonly targetAt: TextRange;
  readonly protocol: string;
  /** Several for a range. */
  readonly bindings: readonly PortBinding[];
}

interface PortBinding {
  readonly target: number;
  /** A range if the Engine may choose one of it. */
  readonly published: string | undefined;
}

/**
 * Splits the short form of a port: "80", "8080:80", "127.0.0.1:8080:80/udp", "[::1]::80", and with ranges of ports.
 *
 * @see https://docs.docker.com/reference/compose-file/services/#ports
 */
export function splitPort(text: string): ShortPort | { readonly problem: string } {
  const slash = text.lastIndexOf("/");
  const end = slash < 0 ? text.length : slash;
  const protocol = slash < 0 ? "tcp" : text.slice(slash + 1).toLowerCase();
  const targetStart = text.lastIndexOf(":", end - 1) + 1;
  const publishedStart = targetStart < 2 ? 0 : text.lastIndexOf(":", targetStart - 2) + 1;
  const addressAt = { start: 0, end: Math.max(0, publishedStart - 1) };
  const publishedAt = { start: publishedStart, end: Math.max(0, targetStart - 1) };
  const targetAt = { start: targetStart, end };
  const address = addressOf(text.slice(0, addressAt.end));
  const target = rangeOf(text.slice(targetStart, end));
  const published = text.slice(publishedAt.start, publishedAt.end);
  const host = published === "" ? undefined : rangeOf(published);
  if (!["tcp", "udp", "sctp"].includes(protocol)) return { problem: "no such protocol" };
  if (address === null) return { problem: "not an IP address" };
  if (target === undefined) return { problem: "no valid port of the container" };
  if (published !== "" && host === undefined) return { problem: "no valid port of the host" };
  const bindings = bind(target, host);
  if (bindings === undefined) return { problem: "the two ranges of ports differ in length" };
  return { address, addressAt, publishedAt, targetAt, protocol, bindings };
}

/** Null for what is no address. */
function addressOf(text: string): string | undefined | null {
  if (text === "") return undefined;
  const bare = /^\[(.*)\]$/.exec(text)?.[1];
  const isAddress = bare === undefined ? isIP(text) === 4 : isIP(bare) > 0;
  return isAddress ? (bare ?? text) : null;
}

interface PortRange {
  readonly first: number;
  readonly last: number;
}

function rangeOf(text: string): PortRange | undefined {
  const [, from = "", to = from] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  return from === "" || last > 65_535 || first > last ? undefined : { first, last };
}

function bind(target: PortRange, host: PortRange | undefined): PortBinding[] | undefined {
  const length = target.last - target.first;
  const isChoice = length === 0 && host !== undefined && host.last > host.first;
  if (isChoice) return [{ target: target.first, published: `${host.first}-${host.last}` }];
  if (host !== undefined && host.last - host.first !== length) return undefined;
  const bindings = Array.from({ length: length + 1 }, (_, index) => ({
    target: target.first + index,
    published: host === undefined ? undefined : String(host.first + index),
  }));
  // In Compose's order, which is that of texts.
  return bindings.toSorted((a, b) => compareStrings(`${a.target}/`, `${b.target}/`));
}
