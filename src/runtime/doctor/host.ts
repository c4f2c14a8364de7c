import { readFileSync } from "node:fs";
import { internalInterface } from "../../model/docker-syntax.ts";
import type { ObservedInstance, HostAddress } from "../../model/observed.ts";
import { listListeningSockets } from "../host/listening-ports.ts";
import { bad, ok, warning, type Finding } from "./finding.ts";

/** Whether ssh is there, which "reyns ssh" calls. */
export function checkSsh(): Finding {
  const path = Bun.which("ssh");
  if (path !== null) return ok("ssh", path);
  return bad(
    "ssh",
    "there is no ssh client on the PATH: reyns ssh needs it, reyns shell does not",
    {
      remedy: Bun.which("apt-get")
        ? "sudo apt-get install openssh-client"
        : "install OpenSSH's client",
    },
  );
}

/** Addresses of this host that another machine could reach: what SERVICE_IP may be. */
export function checkAddresses(addresses: readonly HostAddress[]): Finding {
  const outer = addresses.filter(({ name }) => !internalInterface.test(name));
  if (outer.length > 0) {
    const list = outer.map(({ name, address }) => `${address} (${name})`).join(", ");
    return ok("network", `${list}: for SERVICE_IP`);
  }
  return warning("network", "this host has no address but its own: nodes cannot find each other");
}

const free = "free, for a DNS that other nodes ask";

const closed = warning(
  "port 53",
  "not open to ordinary users, and so not to a rootless Engine: a DNS for other nodes cannot be published there",
  { remedy: "sudo sysctl net.ipv4.ip_unprivileged_port_start=53" },
);

/** The first port that every user may open, by the kernel's settings. */
function firstOpenPort(): number {
  try {
    return Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
  } catch {
    return 1024;
  }
}

/**
 * Whether a DNS could be published here. One on a loopback address, such as systemd's resolver, is in nobody's way.
 *
 * @param publishers containers that publish ports
 * @param isRootless whether the Engine is an ordinary user's
 */
export function checkDnsPort(
  publishers: readonly ObservedInstance[],
  isRootless: boolean,
): Finding[] {
  if (process.platform !== "linux") return [];
  const holder = publishers.find(({ ports }) => ports.some(({ host }) => host === 53));
  if (holder?.isDns) return [ok("port 53", `${holder.host} of the project ${holder.project}`)];
  const listeners = listListeningSockets(new Set([53])).filter(
    ({ ip }) => !/^(127\.|::1$)/.test(ip),
  );
  const [first] = listeners;
  if (!holder && !first) return [isRootless && firstOpenPort() > 53 ? closed : ok("port 53", free)];
  const who = holder
    ? `the container ${holder.containerName}`
    : (first?.owner() ?? "something on this host");
  const ips = [...new Set(listeners.map(({ ip }) => ip))].join(", ");
  const where = ips === "" ? "" : ` on ${ips}`;
  const message = `taken by ${who}${where}: a DNS for other nodes cannot be published there`;
  return [
    warning("port 53", message, {
      remedy: holder
        ? `stop it`
        : "stop it, or bind it to 127.0.0.1 (ss -lnup 'sport = 53' shows it)",
    }),
  ];
}
