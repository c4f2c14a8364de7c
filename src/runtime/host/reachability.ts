import { BlockList } from "node:net";
import type { Engine } from "../../docker/client/engine.ts";
import { directSubnets } from "./routes.ts";
import { isRootless } from "./engine-host.ts";

/**
 * Whether this host can connect to an address in a network of the Engine. Not so with an Engine that is rootless or in a
 * virtual machine: its bridges are invisible here, and the same subnet on this host is a different network.
 *
 * @throws ReynsError NO_ENGINE
 */
export async function isReachableFromHost(engine: Engine, address: string): Promise<boolean> {
  return engine.local && isInSubnets(directSubnets(), address) && !(await isRootless(engine));
}

/** @param subnets of IPv4, in CIDR form */
export function isInSubnets(subnets: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = "", bits] = subnet.split("/");
    list.addSubnet(network, Number(bits), "ipv4");
  }
  return list.check(address, "ipv4");
}
