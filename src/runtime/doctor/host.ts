import { internalInterface } from "../../model/docker-syntax.ts";
import type { HostAddress } from "../../model/networks.ts";
import { bad, ok, warning, type Finding } from "./finding.ts";

/** Checks for the ssh client, which "reyns ssh" runs. */
export function checkSsh(): Finding {
  const path = Bun.which("ssh");
  if (path !== null) return ok("ssh", path);
  const remedy = Bun.which("apt-get")
    ? "sudo apt-get install openssh-client"
    : "install OpenSSH's client";
  const message = "no ssh client on the PATH: reyns ssh needs it, reyns shell does not";
  return bad("ssh", message, { remedy });
}

/** Checks for addresses of this host that other machines may reach, for SERVICE_IP. */
export function checkAddresses(addresses: readonly HostAddress[]): Finding {
  const external = addresses.filter(({ name }) => !internalInterface.test(name));
  if (external.length === 0)
    return warning(
      "network",
      "this host has no address that other machines can reach: nodes cannot find each other",
    );
  const list = external.map(({ name, address }) => `${address} (${name})`).join(", ");
  return ok("network", `${list}: for SERVICE_IP`);
}
