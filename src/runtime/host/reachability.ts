import { BlockList } from "node:net";
import type { Engine } from "../../docker/client/engine.ts";
import { directSubnets } from "./routes.ts";
import { isRootless } from "./engine-host.ts";

/**
 * Whether an address is in a network of this host's own, as those of an Engine are that runs right here. One in a
 * virtual machine, or rootless, has its bridges where this host does not see them; the same subnet here is another's
 * then.
 *
 * @throws ReynsError NO_ENGINE
 */
export async function isReachableFromHost(engine: Engine, address: string): Promise<boolean> {
  return engine.local && isInSubnets(directSubnets(), address) && !(await isRootless(engine));
}

/** @param subnets of IPv4, in CIDR form */
export function isInSubnets(subnets: readonly string[], address: string): boolean {
  const all = new BlockList();
  for (const subnet of subnets) {
    const [network = "", bits] = subnet.split("/");
    all.addSubnet(network, Number(bits), "ipv4");
  }
  return all.check(address, "ipv4");
}
