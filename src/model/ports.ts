export type PortProtocol = "tcp" | "udp" | "sctp";

/** Stands for a free port of the host, which the Engine chooses. */
export const freePort = 0;

/** A port with a free one of the host instead of a fixed one, or of one within a range. */
export function onFreePort<Port extends { readonly host: number; readonly within?: string }>(
  port: Port,
): Omit<Port, "within"> {
  const { within: _, ...fixed } = port;
  return { ...fixed, host: freePort };
}

interface BoundPort {
  readonly ip: string;
  readonly host: number;
  readonly within?: string;
  readonly kept?: number;
  readonly keptIpv6?: number;
}

/**
 * Where a port is published, as the Engine takes it: an empty port is one that it chooses. Both families have the same
 * one, unless the Engine once gave each another, which may be somebody else's in the other family.
 */
export function hostBindings(port: BoundPort): { readonly ip: string; readonly host: string }[] {
  const { ip, host, within = "", kept = host, keptIpv6 } = port;
  if (keptIpv6 !== undefined)
    return [
      { ip: "0.0.0.0", host: String(kept) },
      { ip: "::", host: String(keptIpv6) },
    ];
  return [{ ip, host: kept === freePort ? within : String(kept) }];
}

/** A socket of this host that waits for others. */
export interface ListeningSocket {
  readonly ip: string;
  readonly host: number;
  readonly protocol: PortProtocol;
  /** Name and number of the process that has it, where they can be seen: `dnsmasq (pid 812)`. */
  readonly owner: () => string | undefined;
}
