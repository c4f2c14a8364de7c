import { isRecord } from "../lib/is-record.ts";
import { parseJson } from "../lib/parse-json.ts";

/** A route of a configuration that a router has. */
export interface ServedRoute {
  readonly host: string;
  readonly path: string;
  readonly key: string;
}

/** The routes of a configuration that `caddyConfig` has made, in its order. */
export function servedRoutes(config: string): ServedRoute[] {
  const servers = at(parseJson(config), "apps", "http", "servers");
  const routes = [at(servers, "https", "routes"), at(servers, "http", "routes")].flatMap((all) =>
    Array.isArray(all) ? (all as unknown[]) : [],
  );
  const served = routes.flatMap((route) => {
    const handlers = at(route, "handle");
    const proxy = Array.isArray(handlers) ? (handlers as unknown[]).at(-1) : undefined;
    const name = at(proxy, "dynamic_upstreams", "name");
    const host = at(route, "match", 0, "host", 0);
    const path = at(route, "match", 0, "path", 0) ?? "/";
    if (typeof name !== "string" || typeof host !== "string" || typeof path !== "string") return [];
    return [{ host, path, key: name.split(".")[0] ?? "" }];
  });
  return [...new Map(served.map((route) => [route.key, route])).values()];
}

/** What tells configurations of different routes or settings apart. */
export function routesId(config: string): string | undefined {
  const id = at(parseJson(config), "@id");
  return typeof id === "string" ? id : undefined;
}

/** The hosts for which such a configuration wants certificates. */
export function securedHosts(config: string): string[] {
  const policies = at(parseJson(config), "apps", "tls", "automation", "policies");
  return (Array.isArray(policies) ? (policies as unknown[]) : [])
    .map((policy) => at(policy, "subjects"))
    .flatMap((subjects) => (Array.isArray(subjects) ? (subjects as unknown[]) : []))
    .filter((subject) => typeof subject === "string");
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
