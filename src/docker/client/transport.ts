import type { HostAddress } from "../../model/networks.ts";
import { protocolError } from "./http-error.ts";
import type { Certificates } from "./tls.ts";
import type { Endpoint } from "./endpoint.ts";

/** How requests reach an Engine: through a socket, or over TCP with or without TLS. */
export type Transport =
  | {
      readonly socketPath: string;
      /** Of the machine that is reached by ssh, as far as it can tell. */
      readonly addresses?: readonly HostAddress[];
      readonly forward?: ForwardPort;
      readonly offer?: OfferPort;
    }
  | {
      readonly host: string;
      readonly port: number;
      readonly certificates: Certificates | undefined;
    };

/**
 * Forwards a TCP port that the Engine's machine reaches to this one.
 *
 * @returns the path of a local socket, of this user only
 */
export type ForwardPort = (host: string, port: number) => Promise<string>;

/** A port on the loopback address of the Engine's machine that leads to one of this machine, until it is disposed of. */
export interface OfferedPort extends AsyncDisposable {
  readonly port: number;
}

/**
 * Lets the Engine's machine reach a port of this one's loopback address.
 *
 * @throws Error when that machine forwards no ports
 */
export type OfferPort = (port: number, signal: AbortSignal) => Promise<OfferedPort>;

/** @throws ReynsError NO_ENGINE, MISSING_TOOL when ssh cannot connect */
export async function openTransport(endpoint: Endpoint): Promise<Transport> {
  switch (endpoint.kind) {
    case "socket":
      return { socketPath: endpoint.path };
    case "tcp":
      return endpoint;
    case "ssh":
      return (await import("./ssh-tunnel.ts")).openTunnel(endpoint);
  }
}

/**
 * Without fetch's own timeout: timeouts.ts decides how long an answer may take. A redirect is refused, since it could
 * lead anywhere.
 *
 * @throws a protocol error for a redirect
 */
export async function fetchFromEngine(
  transport: Transport,
  path: string,
  options: RequestInit = {},
): Promise<Response> {
  const response = await sendRequest(transport, path, options);
  if (redirects.has(response.status))
    throw protocolError(`it redirects to another address (status ${response.status})`);
  return response;
}

/** 304 is an answer of its own: nothing to do. */
const redirects = new Set([300, 301, 302, 303, 305, 307, 308]);

function sendRequest(transport: Transport, path: string, options: RequestInit): Promise<Response> {
  const init = {
    ...options,
    redirect: "manual",
    timeout: false,
  } satisfies BunFetchRequestInit & { timeout: false };
  const address = `${hostHeader(transport)}${path}`;
  if ("socketPath" in transport)
    return fetch(`http://${address}`, { ...init, unix: transport.socketPath });
  const { certificates } = transport;
  if (!certificates) return fetch(`http://${address}`, init);
  return fetch(`https://${address}`, { ...init, tls: certificates });
}

/** The host of a URL and of the Host header. */
export function hostHeader(transport: Transport): string {
  if ("socketPath" in transport) return "engine";
  const { host, port } = transport;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
