import { readFileSync } from "node:fs";
import { listHostAddresses } from "./interfaces.ts";

/** Subnets that this host is in or has routes to, a VPN's among them, in CIDR form. */
export function hostSubnets(): string[] {
  return [...interfaceSubnets(), ...readRoutes().map(({ subnet }) => subnet)];
}

/** Those of them that no router lies before; a bridge's route is there before anything is attached to it. */
export function directSubnets(): string[] {
  const direct = readRoutes().filter(({ isDirect }) => isDirect);
  return [...interfaceSubnets(), ...direct.map(({ subnet }) => subnet)];
}

function interfaceSubnets(): string[] {
  return listHostAddresses().flatMap(({ cidr }) => cidr ?? []);
}

interface Route {
  readonly subnet: string;
  /** No router lies between. */
  readonly isDirect: boolean;
}

/** Linux's table of IPv4 routes: destination, gateway and mask in hexadecimal, bytes reversed. */
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
      return { subnet, isDirect: gateway === "00000000" };
    });
}
