import { isRecord } from "../lib/is-record.ts";
import { parseJson } from "../lib/parse-json.ts";
import type { KeyedRoute, RouteTls } from "./routes.ts";

/** A route of a configuration that a router has, without the ports of its instances. Without HTTPS, `tls` is undefined. */
export type ServedRoute = Omit<KeyedRoute, "port">;

/** The routes of a configuration that `caddyConfig` has made, in its order. */
export function servedRoutes(config: string): ServedRoute[] {
  const parsed = parseJson(config);
  const servers = at(parsed, "apps", "http", "servers");
  const issuers = issuersOf(parsed);
  const routes = [listAt(servers, "https", "routes"), listAt(servers, "http", "routes")].flat();
  const served = routes.flatMap((route) => {
    const handlers = listAt(route, "handle");
    const proxy = handlers.at(-1);
    const name = at(proxy, "dynamic_upstreams", "name");
    const host = at(route, "match", 0, "host", 0);
    const path = at(route, "match", 0, "path", 0) ?? "/";
    if (typeof name !== "string" || typeof host !== "string" || typeof path !== "string") return [];
    return {
      host,
      path,
      key: name.split(".")[0] ?? "",
      strip: handlers.length > 1,
      sticky: at(proxy, "load_balancing", "selection_policy", "policy") === "cookie",
      protocol: listAt(proxy, "transport", "versions").includes("h2c") ? "h2c" : "http",
      tls: issuers.get(host),
    } as const;
  });
  return [...new Map(served.map((route) => [route.key, route])).values()];
}

/** Host -> who issues its certificate. */
function issuersOf(config: unknown): Map<string, RouteTls> {
  const policies = listAt(config, "apps", "tls", "automation", "policies");
  return new Map(
    policies.flatMap((policy) => {
      const issuer = at(policy, "issuers", 0, "module") === "acme" ? "acme" : "internal";
      const subjects = listAt(policy, "subjects").filter((subject) => typeof subject === "string");
      return subjects.map((host) => [host, issuer] as const);
    }),
  );
}

/** What tells configurations of different routes or settings apart. */
export function routesId(config: string): string | undefined {
  const id = at(parseJson(config), "@id");
  return typeof id === "string" ? id : undefined;
}

/** The hosts for which such a configuration wants certificates. */
export function securedHosts(config: string): string[] {
  return [...issuersOf(parseJson(config)).keys()];
}

/** The value at a path of a JSON value; undefined where there is none. */
function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value;
  for (const part of path) {
    if (Array.isArray(found) && typeof part === "number") found = (found as unknown[])[part];
    else found = isRecord(found) ? found[part] : undefined;
  }
  return found;
}

/** The list at a path; empty where there is none. */
function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as unknown[]) : [];
}
