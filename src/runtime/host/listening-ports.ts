import type { ListeningSocket } from "../../model/observed.ts";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const tables = { tcp: ["tcp", "tcp6"], udp: ["udp", "udp6"] } as const;
/** Numbers of states: LISTEN, and what a UDP socket that hears everybody is in (include/net/tcp_states.h). */
const listeningStates = { tcp: "0A", udp: "07" } as const;

/**
 * The sockets of this host that wait for others on one of the ports; none where there is no Linux to ask.
 *
 * @see proc_net_tcp(5): https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
 */
export function listListeningSockets(ports: ReadonlySet<number>): ListeningSocket[] {
  if (ports.size === 0) return [];
  const owners = lazily(readOwners);
  return (["tcp", "udp"] as const).flatMap((protocol) =>
    tables[protocol].flatMap((table) =>
      parseSocketTable(readIfThere(`/proc/net/${table}`), listeningStates[protocol])
        .filter(({ host }) => ports.has(host))
        .map(({ ip, host, inode }) => ({ ip, host, protocol, owner: () => owners().get(inode) })),
    ),
  );
}

/** Lines of `sl local_address rem_address st queues timer retransmits uid timeout inode …`. */
export function parseSocketTable(
  table: string,
  state: string,
): { readonly ip: string; readonly host: number; readonly inode: string }[] {
  return table.split("\n").flatMap((line) => {
    const [, local = "", , itsState, , , , , , inode = ""] = line.trim().split(/\s+/);
    const [address, port] = local.split(":");
    if (itsState !== state || address === undefined || port === undefined) return [];
    return { ip: addressOf(address), host: Number.parseInt(port, 16), inode };
  });
}

/** Words of four bytes, each in the order of the processor; an IPv4 address in IPv6 is the former. */
function addressOf(hexadecimal: string): string {
  const words = (hexadecimal.match(/.{8}/g) ?? []).map((word) => [
    ...Buffer.from(word, "hex").toReversed(),
  ]);
  const mapped = hexadecimal.startsWith("0000000000000000FFFF0000");
  if (words.length === 1 || mapped) return (words.at(-1) ?? []).join(".");
  const bytes = words.flat();
  const [last, ...others] = bytes.toReversed();
  if (others.every((byte) => byte === 0) && (last ?? 0) <= 1) return last === 1 ? "::1" : "::";
  return Buffer.from(bytes).toString("hex").match(/.{4}/g)?.join(":") ?? "";
}

/** Number of a socket -> the process that has it; only processes that this user may look into. */
function readOwners(): Map<string, string> {
  const owners = new Map<string, string>();
  for (const pid of listIfThere("/proc").filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of listIfThere(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkIfThere(`/proc/${pid}/fd/${descriptor}`))?.[1];
      if (inode === undefined || owners.has(inode)) continue;
      owners.set(inode, `${readIfThere(`/proc/${pid}/comm`).trim()} (pid ${pid})`);
    }
  }
  return owners;
}

function lazily<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}

function readIfThere(path: string): string {
  return readOr("", () => readFileSync(path, "utf8"));
}

function listIfThere(path: string): string[] {
  return readOr([], () => readdirSync(path));
}

function linkIfThere(path: string): string {
  return readOr("", () => readlinkSync(path));
}

/** Processes come and go while they are looked at, and other users' may not be looked into. */
function readOr<Value>(other: Value, read: () => Value): Value {
  try {
    return read();
  } catch {
    return other;
  }
}
