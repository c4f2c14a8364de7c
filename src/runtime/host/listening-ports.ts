import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { ListeningSocket } from "../../model/ports.ts";

const tables = { tcp: ["tcp", "tcp6"], udp: ["udp", "udp6"] } as const;
/** LISTEN, and the state of an unconnected UDP socket, CLOSE (include/net/tcp_states.h). */
const listeningStates = { tcp: "0A", udp: "07" } as const;

/**
 * Lists the sockets of this host that listen on one of the ports; none on other systems than Linux.
 *
 * @see proc_net_tcp(5): https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
 */
export function listListeningSockets(ports: ReadonlySet<number>): ListeningSocket[] {
  if (ports.size === 0) return [];
  const owners = lazily(readOwners);
  return (["tcp", "udp"] as const).flatMap((protocol) =>
    tables[protocol].flatMap((table) =>
      parseSocketTable(readIfExists(`/proc/net/${table}`), listeningStates[protocol])
        .filter(({ host }) => ports.has(host))
        .map(({ ip, host, inode }) => ({ ip, host, protocol, owner: () => owners().get(inode) })),
    ),
  );
}

/** Parses lines of `sl local_address rem_address st queues timer retransmits uid timeout inode …`. */
export function parseSocketTable(
  table: string,
  state: string,
): { readonly ip: string; readonly host: number; readonly inode: string }[] {
  return table.split("\n").flatMap((line) => {
    const [, local = "", , socketState, , , , , , inode = ""] = line.trim().split(/\s+/);
    const [address, port] = local.split(":");
    if (socketState !== state || address === undefined || port === undefined) return [];
    return { ip: parseAddress(address), host: Number.parseInt(port, 16), inode };
  });
}

/** Words of four bytes, each in the processor's byte order; an IPv4 address mapped to IPv6 becomes IPv4. */
function parseAddress(hexadecimal: string): string {
  const words = (hexadecimal.match(/.{8}/g) ?? []).map((word) => [
    ...Buffer.from(word, "hex").toReversed(),
  ]);
  const isMapped = hexadecimal.startsWith("0000000000000000FFFF0000");
  if (words.length === 1 || isMapped) return (words.at(-1) ?? []).join(".");
  const bytes = words.flat();
  const [last, ...others] = bytes.toReversed();
  if (others.every((byte) => byte === 0) && (last ?? 0) <= 1) return last === 1 ? "::1" : "::";
  return Buffer.from(bytes).toString("hex").match(/.{4}/g)?.join(":") ?? "";
}

/** Inode of a socket -> its process, as far as this user may inspect processes. */
function readOwners(): Map<string, string> {
  const owners = new Map<string, string>();
  for (const pid of listIfExists("/proc").filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of listIfExists(`/proc/${pid}/fd`)) {
      const target = readLinkIfExists(`/proc/${pid}/fd/${descriptor}`);
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode === undefined || owners.has(inode)) continue;
      owners.set(inode, `${readIfExists(`/proc/${pid}/comm`).trim()} (pid ${pid})`);
    }
  }
  return owners;
}

function lazily<Value>(create: () => Value): () => Value {
  let value: Value | undefined;
  return () => (value ??= create());
}

function readIfExists(path: string): string {
  return valueOr("", () => readFileSync(path, "utf8"));
}

function listIfExists(path: string): string[] {
  return valueOr([], () => readdirSync(path));
}

function readLinkIfExists(path: string): string {
  return valueOr("", () => readlinkSync(path));
}

/** Processes come and go meanwhile, and those of other users may not be inspected. */
function valueOr<Value>(fallback: Value, read: () => Value): Value {
  try {
    return read();
  } catch {
    return fallback;
  }
}
