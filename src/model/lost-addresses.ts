import type { HostAddress } from "./networks.ts";
import { isPublished, isRunning, type ObservedInstance } from "./observed.ts";

/** An address at which instances are registered, and that their machine does not have. */
export interface LostAddress {
  readonly address: string;
  readonly instances: readonly ObservedInstance[];
}

/**
 * Finds running instances whose names lead to an address that this machine does not have, mostly because it has another
 * one since they were started: their leases are renewed as they are.
 */
export function findLostAddresses(
  instances: readonly ObservedInstance[],
  hostAddresses: readonly HostAddress[],
): LostAddress[] {
  const own = new Set(hostAddresses.map(({ address }) => address));
  const lost = instances.flatMap((instance) => {
    const { registered, address } = instance;
    const isLost =
      isRunning(instance) &&
      isPublished(registered) &&
      registered.address !== address &&
      !own.has(registered.address);
    return isLost ? [{ instance, address: registered.address }] : [];
  });
  const byAddress = Map.groupBy(lost, ({ address }) => address);
  return [...byAddress].map(([address, found]) => ({
    address,
    instances: found.map(({ instance }) => instance),
  }));
}
