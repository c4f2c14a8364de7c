export type PortProtocol = "tcp" | "udp" | "sctp";

/** Stands for a free port of the host, which the Engine chooses. */
export const freePort = 0;

/** A socket of this host that waits for others. */
export interface ListeningSocket {
  readonly ip: string;
  readonly host: number;
  readonly protocol: PortProtocol;
  /** Name and number of the process that has it, where they can be seen: `dnsmasq (pid 812)`. */
  readonly owner: () => string | undefined;
}
