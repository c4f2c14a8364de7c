import { readFileSync } from "node:fs";
import type { ObservedInstance } from "../../model/observed.ts";
import { listListeningSockets } from "../host/listening-ports.ts";
import { ok, warning, type Finding } from "./finding.ts";

const check = "port 53";

/**
 * Checks whether a DNS could be published on this host. A server on a loopback address, such as systemd's resolver, is
 * not in its way.
 *
 * @param publishers containers that publish ports
 * @param isRootless whether the Engine runs as an ordinary user
 */
export function checkDnsPort(
  publishers: readonly ObservedInstance[],
  isRootless: boolean,
): Finding[] {
  if (process.platform !== "linux") return [];
  const publisher = publishers.find(({ ports }) => ports.some(({ host }) => host === 53));
  if (publisher?.isDns) return [ok(check, `${publisher.host} of the project ${publisher.project}`)];
  const sockets = listListeningSockets(new Set([53])).filter(({ ip }) => !isLoopback(ip));
  const [socket] = sockets;
  if (!publisher && !socket) return [checkPrivilege(isRootless)];
  const owner = publisher
    ? `the container ${publisher.containerName}`
    : (socket?.owner() ?? "a process of this host");
  const ips = [...new Set(sockets.map(({ ip }) => ip))].join(", ");
  const where = ips === "" ? "" : ` on ${ips}`;
  const message = `taken by ${owner}${where}: a DNS for other nodes cannot be published here`;
  const remedy = publisher
    ? "stop it"
    : "stop it, or bind it to 127.0.0.1 (ss -lnup 'sport = 53' shows it)";
  return [warning(check, message, { remedy })];
}

function isLoopback(ip: string): boolean {
  return /^(127\.|::1$)/.test(ip);
}

function checkPrivilege(isRootless: boolean): Finding {
  if (!isRootless || firstUnprivilegedPort() <= 53)
    return ok(check, "free, for a DNS that serves other nodes");
  const message =
    "reserved for root, so a rootless Engine cannot publish a DNS for other nodes on it";
  return warning(check, message, {
    remedy: "sudo sysctl net.ipv4.ip_unprivileged_port_start=53",
  });
}

/** The first port that every user may open. */
function firstUnprivilegedPort(): number {
  try {
    return Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
  } catch {
    return 1024;
  }
}
