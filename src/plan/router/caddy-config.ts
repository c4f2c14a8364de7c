import { compareStrings } from "../../lib/compare-strings.ts";
import { sha256Hex } from "../../lib/sha256.ts";
import { isPrivateName } from "../../model/private-names.ts";
import {
  authorityFolder,
  issuerOf,
  otherAuthority,
  privateAuthority,
  type KeyedRoute,
  type RouterSettings,
} from "../../model/routes.ts";

/**
 * Caddy's configuration for these routes. It names no upstream: the router looks them up under the route's key, so that
 * they change without a new configuration, which would close every WebSocket.
 *
 * @see https://caddyserver.com/docs/json/
 */
export function caddyConfig(settings: RouterSettings, routes: readonly KeyedRoute[]): object {
  const handled = routes.toSorted(compareRoutes).map(handledRoute);
  return {
    "@id": digestOfRoutes(settings, routes),
    admin: { listen: "unix//run/reyns-router/admin/caddy.sock", config: { persist: false } },
    logging: { logs: { default: { level: "WARN" } } },
    apps: {
      http: { servers: serversOf(settings, routes, handled) },
      ...(settings.https === undefined ? {} : securityApps(settings, routes)),
    },
  };
}

/** The same for the same definition, whichever version of Reyns makes a configuration of it. */
function digestOfRoutes(settings: RouterSettings, routes: readonly KeyedRoute[]): string {
  const parts = [settings, ...routes.toSorted(compareRoutes)].map((part) =>
    Object.entries(part)
      .filter(([, value]) => value !== undefined)
      .toSorted(([one], [other]) => compareStrings(one, other)),
  );
  return `routes-${sha256Hex(JSON.stringify(parts)).slice(0, 12)}`;
}

/** The longest path first: the first route that matches serves. */
function compareRoutes(one: KeyedRoute, other: KeyedRoute): number {
  return (
    compareStrings(one.host, other.host) ||
    other.path.length - one.path.length ||
    compareStrings(one.path, other.path)
  );
}

function serversOf(
  settings: RouterSettings,
  routes: readonly KeyedRoute[],
  handled: readonly object[],
): Record<string, object> {
  const served = [...handled, elsewhere];
  const hasH2c = routes.some(({ protocol }) => protocol === "h2c");
  const isRedirected = settings.https !== undefined && settings.redirect;
  const http = {
    listen: [":80"],
    protocols: ["h1", "h2", ...(hasH2c ? ["h2c"] : [])],
    automatic_https: { disable: true },
    routes: isRedirected ? [...redirects(routes, settings.https), elsewhere] : served,
  };
  const https = {
    listen: [":443"],
    protocols: ["h1", "h2"],
    automatic_https: { disable_redirects: true },
    tls_connection_policies: [{}],
    routes: served,
  };
  return {
    ...(settings.http === undefined ? {} : { http }),
    ...(settings.https === undefined ? {} : { https }),
  };
}

/** Caddy answers with 200 and nothing where no route matches. */
const elsewhere = {
  handle: [
    { handler: "static_response", status_code: 404, body: "no route for this host and path\n" },
  ],
};

function redirects(routes: readonly KeyedRoute[], port = 443): object[] {
  const host = `{http.request.host}${port === 443 ? "" : `:${port}`}`;
  const redirect = {
    handler: "static_response",
    status_code: 308,
    headers: { Location: [`https://${host}{http.request.uri}`] },
  };
  const hosts = hostsOf(routes);
  return hosts.length === 0 ? [] : [{ match: [{ host: hosts }], handle: [redirect] }];
}

function hostsOf(routes: readonly KeyedRoute[]): string[] {
  return [...new Set(routes.map(({ host }) => host))].toSorted(compareStrings);
}

function handledRoute(route: KeyedRoute): object {
  const { host, path, strip } = route;
  const below = path.replace(/\/$/, "");
  const paths = below === "" ? {} : { path: [below, `${below}/*`] };
  const stripped = { handler: "rewrite", strip_path_prefix: below };
  return {
    match: [{ host: [host], ...paths }],
    handle: [...(strip && below !== "" ? [stripped] : []), proxyOf(route)],
    terminal: true,
  };
}

/** Milliseconds that the router uses an answer for; images/router knows it too. */
const refresh = "100ms";

/** A request that no upstream accepts is tried again: an instance may be starting again. */
const retries = { try_duration: "10s", try_interval: "50ms" };

function proxyOf({ key, sticky, protocol }: KeyedRoute): object {
  const policy = sticky ? { policy: "cookie", name: `reyns_${key}` } : { policy: "least_conn" };
  return {
    handler: "reverse_proxy",
    dynamic_upstreams: {
      source: "srv",
      name: `${key}.upstreams.`,
      refresh,
      resolver: { addresses: ["udp/127.0.0.1:5353"] },
      dial_timeout: "1s",
    },
    load_balancing: { selection_policy: policy, ...retries },
    // One that refuses connections gets no requests for a moment.
    health_checks: { passive: { fail_duration: "300ms" } },
    transport: {
      protocol: "http",
      // The Engine's, which answers for the ids of containers.
      resolver: { addresses: ["udp/127.0.0.11:53"] },
      dial_timeout: "3s",
      // Servers close idle connections after 2 seconds or more: one that is about to close is not used again.
      keep_alive: { idle_timeout: "1500ms" },
      ...(protocol === "h2c" ? { versions: ["h2c", "2"] } : {}),
    },
  };
}

function securityApps(settings: RouterSettings, routes: readonly KeyedRoute[]): object {
  const issuers = new Map(routes.map(({ host, tls = issuerOf(host) }) => [host, tls]));
  const hostsWith = (issuer: string): string[] =>
    hostsOf(routes).filter((host) => issuers.get(host) === issuer);
  const own = hostsWith("internal");
  const policies = [
    {
      subjects: own.filter(isPrivateName),
      issuers: [{ module: "internal", ca: privateAuthority }],
    },
    {
      subjects: own.filter((host) => !isPrivateName(host)),
      issuers: [{ module: "internal", ca: otherAuthority }],
    },
    { subjects: hostsWith("acme"), issuers: [acmeIssuer(settings)] },
  ].filter(({ subjects }) => subjects.length > 0);
  return {
    tls: { automation: { policies } },
    // "reyns trust" puts the first one into the stores of this host; the other one can certify any name.
    pki: {
      certificate_authorities: {
        [privateAuthority]: {
          install_trust: false,
          intermediate_common_name: "Reyns router",
          root: {
            certificate: `${authorityFolder}/root.crt`,
            private_key: `${authorityFolder}/root.key`,
          },
        },
        [otherAuthority]: { install_trust: false },
      },
    },
  };
}

function acmeIssuer({ http, email, acme, acmeRoot }: RouterSettings): object {
  return {
    module: "acme",
    ...(email === undefined ? {} : { email }),
    ...(acme === undefined ? {} : { ca: acme }),
    // The authority could not reach port 80: it asks at port 443 then (tls-alpn-01).
    ...(http === undefined ? { challenges: { http: { disabled: true } } } : {}),
    ...(acmeRoot === undefined ? {} : { trusted_roots_pem_files: [acmeRoot] }),
  };
}
