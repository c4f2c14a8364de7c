export type PortProtocol = "tcp" | "udp" | "sctp";

/** Stands for a free port of the host, which the Engine chooses. */
export const freePort = 0;
