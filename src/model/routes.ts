import { sha256Hex } from "../lib/sha256.ts";
import { isDnsLabel } from "./host-names.ts";
import type { PortProtocol } from "./ports.ts";
import { isPrivateName } from "./private-names.ts";

/** Requests that an instance serves: those for one host, below one path. */
export interface RouteDefinition {
  readonly host: string;
  /** Begins with `/`; `/` is everything. */
  readonly path: string;
  /** Undefined: the only one that it has. */
  readonly port?: number | undefined;
  /** The instance gets the path without `path`. */
  readonly strip: boolean;
  /** A client stays with the instance that it came to first. */
  readonly sticky: boolean;
  /** What the instance speaks: `h2c` is HTTP/2 without TLS, as gRPC has it. */
  readonly protocol: RouteProtocol;
  /** Undefined: by the host. */
  readonly tls?: RouteTls | undefined;
}

/** A route as the router serves it, whichever instances are its upstreams. */
export interface KeyedRoute extends RouteDefinition {
  readonly key: string;
}

export const routeProtocols = ["http", "h2c"] as const;
export type RouteProtocol = (typeof routeProtocols)[number];

/** Who issues the certificate: the router's own authority, or a public one by ACME (RFC 8555). */
export const routeTls = ["internal", "acme"] as const;
export type RouteTls = (typeof routeTls)[number];

/** How a project's router is set up. */
export interface RouterSettings {
  /** Port on the host; undefined: none. */
  readonly http: number | undefined;
  readonly https: number | undefined;
  /** With `https`, requests for `http` are sent there. */
  readonly redirect: boolean;
  /** Address for the account at the authority. */
  readonly email: string | undefined;
  /** URL of the ACME directory; undefined: that of Let's Encrypt. */
  readonly acme: string | undefined;
  /** Path in the container of the root certificate that the ACME server is trusted by; undefined: the usual ones. */
  readonly acmeRoot?: string | undefined;
}

export const defaultRouter: RouterSettings = {
  http: 80,
  https: 443,
  redirect: true,
  email: undefined,
  acme: undefined,
};

/** The router's own authorities, as Caddy calls them: one that is limited to private names, and one for any others. */
export const privateAuthority = "local";
export const otherAuthority = "other";

/** In the router: the root certificate and the key of the first, which images/router makes. */
export const authorityFolder = "/var/lib/caddy/authority";

/** In the router: the root certificate that the ACME server is trusted by. */
export const acmeRootFile = "/etc/reyns/acme-root.crt";

/** The service that `router()` runs. */
export const routerService = "reyns-router";

/** Where the router keeps its configuration, its upstreams and its certificates. */
export const routerVolume = `${routerService}:/var/lib/caddy`;

/** What makes an instance the router. */
export function routerFields(settings: RouterSettings) {
  const ports = [
    [80, settings.http],
    [443, settings.https],
  ] as const;
  return {
    router: settings,
    volumes: [routerVolume],
    ports: ports.flatMap(([container, host]) =>
      host === undefined ? [] : [{ container, host, protocol: "tcp" as const }],
    ),
  };
}

/**
 * The name by which the router finds the upstreams of a route.
 *
 * @example
 * routeKey("web", { host: "shop.example.com", path: "/" }) // "r0b5c4f1d27a9"
 */
export function routeKey(
  service: string,
  { host, path }: Pick<RouteDefinition, "host" | "path">,
): string {
  return `r${sha256Hex([service, host, path].join("\0")).slice(0, 12)}`;
}

/** The TCP ports of which one is meant where a route names none. */
export function routablePorts(ports: readonly RoutablePort[]): number[] {
  const all = ports.filter(({ protocol }) => protocol === "tcp");
  return [...new Set(all.map(({ container }) => container))];
}

interface RoutablePort {
  readonly container: number;
  readonly protocol: PortProtocol;
}

/** True for a name that a request can be for: labels between dots, RFC 1123, the last one no number. */
export function isHostName(text: string): boolean {
  const labels = text.split(".");
  return text.length <= 253 && labels.every(isDnsLabel) && !/^\d+$/.test(labels.at(-1) ?? "");
}

/** Who issues a host's certificate, unless its route says. */
export function issuerOf(host: string): RouteTls {
  return !host.includes(".") || isPrivateName(host) ? "internal" : "acme";
}
