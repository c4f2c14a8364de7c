import type { Agent } from "node:https";
import type Docker from "dockerode";
import type { Certificates } from "./tls.ts";
import type { Endpoint } from "./endpoint.ts";

/** How requests get to an Engine: through a socket, or to a host with or without TLS. */
export type Transport =
  | { readonly socketPath: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly certificates: Certificates | undefined;
    };

/** @throws ReynsError NO_ENGINE, MISSING_TOOL when ssh does not get there */
export async function openTransport(endpoint: Endpoint): Promise<Transport> {
  switch (endpoint.kind) {
    case "socket":
      return { socketPath: endpoint.path };
    case "tcp":
      return endpoint;
    case "ssh":
      return { socketPath: await (await import("./ssh-tunnel.ts")).openTunnel(endpoint) };
  }
}

/** In dockerode's words. */
export function dockerodeOptions(to: Transport): Docker.DockerOptions & { readonly agent?: Agent } {
  if ("socketPath" in to) return { socketPath: to.socketPath };
  const { host, port, certificates } = to;
  if (!certificates) return { host, port, protocol: "http" };
  // Loaded only for TLS: it takes a while.
  const https = process.getBuiltinModule("node:https");
  return { host, port, protocol: "https", ...certificates, agent: new https.Agent(certificates) };
}

/** Without a limit of time: `guard.ts` knows better how long an answer may take. */
export function fetchFromEngine(
  to: Transport,
  path: string,
  given: RequestInit = {},
): Promise<Response> {
  const init = { ...given, timeout: false } satisfies BunFetchRequestInit & { timeout: false };
  if ("socketPath" in to)
    return fetch(`http://${hostHeader(to)}${path}`, { ...init, unix: to.socketPath });
  const { certificates } = to;
  if (!certificates) return fetch(`http://${hostHeader(to)}${path}`, init);
  return fetch(`https://${hostHeader(to)}${path}`, { ...init, tls: certificates });
}

/** As it stands in a URL: whom a request is for. */
export function hostHeader(to: Transport): string {
  if ("socketPath" in to) return "engine";
  return `${to.host.includes(":") ? `[${to.host}]` : to.host}:${to.port}`;
}
