import { readFileSync } from "node:fs";
import { listHostAddresses } from "./interfaces.ts";

/**
 * Subnets of this host's interfaces and routes, including those of a VPN, in CIDR form. A route for more than a /8 leads
 * to the internet: VPNs split the default route into halves and smaller parts.
 */
export function hostSubnets(): string[] {
  const routes = readRoutes().filter(({ bits }) => bits >= 8);
  return [...interfaceSubnets(), ...routes.map(({ subnet }) => subnet)];
}

/** Those that are reached without a router. A bridge has its route even before anything is attached to it. */
export function directSubnets(): string[] {
  const direct = readRoutes().filter(({ isDirect }) => isDirect);
  return [...interfaceSubnets(), ...direct.map(({ subnet }) => subnet)];
}

function interfaceSubnets(): string[] {
  return listHostAddresses().flatMap(({ cidr }) => cidr ?? []);
}

interface Route {
  readonly subnet: string;
  readonly bits: number;
  /** Without a gateway. */
  readonly isDirect: boolean;
}

/** From Linux's table of IPv4 routes: destination, gateway and mask in hexadecimal, bytes reversed. */
function readRoutes(): Route[] {
  let table: string;
  try {
    table = readFileSync("/proc/net/route", "utf8");
  } catch {
    return [];
  }
  return table
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, destination, gateway, , , , , mask] = line.split("\t");
      if (destination === undefined || mask === undefined || destination === "00000000") return [];
      const bits = Number.parseInt(mask, 16).toString(2).replaceAll("0", "").length;
      const subnet = `${Buffer.from(destination, "hex").toReversed().join(".")}/${bits}`;
      return { subnet, bits, isDirect: gateway === "00000000" };
    });
}
