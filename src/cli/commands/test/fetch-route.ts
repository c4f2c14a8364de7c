import { ReynsError } from "../../../errors.ts";
import { copyNameOf } from "../../../model/copy-origin.ts";
import type { ObservedInstance } from "../../../model/observed.ts";
import type { Project } from "../../../model/project.ts";
import type { TargetQuery } from "../../../project/tests/run-function.ts";
import type { Engine } from "../../../runtime/connect.ts";
import { isReachableFromHost } from "../../../runtime/host/reachability.ts";
import { readRouterRoots } from "../../../runtime/router/root-certificate.ts";
import { request } from "./request.ts";

/** A request to the router. */
export interface RouteRequest {
  readonly scheme: "http" | "https" | undefined;
  /** As the copy has it: below the copy's name. */
  readonly host: string;
  /** Services that serve the host. */
  readonly services: ReadonlySet<string>;
  /** Of a whole URL. */
  readonly path: string | undefined;
}

/** The route that a test means, by the host in the definition or in the copy; undefined for anything else. */
export function findRoute(project: Project, target: TargetQuery | URL): RouteRequest | undefined {
  const host = target instanceof URL ? target.hostname : target.service;
  const { instances } = project.conf;
  if (!(target instanceof URL) && instances.some(({ service }) => service === host))
    return undefined;
  const copy = copyNameOf(project.origin);
  const hosts = new Set([host, ...(copy === undefined ? [] : [`${copy}.${host}`])]);
  const serving = instances.flatMap(({ service, routes = [] }) =>
    routes.filter((route) => hosts.has(route.host)).map((route) => ({ service, route })),
  );
  const [first] = serving;
  if (!first) return undefined;
  return {
    host: first.route.host,
    services: new Set(serving.map(({ service }) => service)),
    ...(target instanceof URL
      ? {
          scheme: target.protocol === "http:" ? "http" : "https",
          path: `${target.pathname}${target.search}`,
        }
      : { scheme: undefined, path: undefined }),
  };
}

/**
 * Sends a request to the router, wherever that answers, with the name of the route. Over HTTPS, its certificate is checked.
 * A redirection is returned, not followed: its name resolves nowhere.
 */
export async function fetchRoute(
  engine: Engine,
  instances: readonly ObservedInstance[],
  { scheme, host, path = "/" }: RouteRequest,
  options: RequestInit,
): Promise<Response> {
  const router = instances.find(({ isRouter }) => isRouter);
  if (!router) {
    const hint = "define it: router() in reyns.ts";
    throw new ReynsError("ROUTER_FAILED", `no router serves ${host} here`, { hint });
  }
  const served = router.ports.map(({ container }) => container);
  const used = scheme ?? (served.includes(443) ? "https" : "http");
  const at = await addressOf(engine, router, used === "https" ? 443 : 80);
  const headers = new Headers(options.headers);
  headers.set("host", host);
  const ca = used === "https" ? await readRouterRoots(engine, router.id) : [];
  const tls = { serverName: host, ca };
  const own = {
    redirect: "manual",
    ...options,
    headers,
    ...(used === "https" && { tls }),
  } as const;
  return request(new URL(path, `${used}://${at}`), own, `${used}://${host}${path}`);
}

async function addressOf(engine: Engine, router: ObservedInstance, port: number): Promise<string> {
  const { address, ports, host } = router;
  if (address !== undefined && (await isReachableFromHost(engine, address)))
    return `${address}:${port}`;
  const published = ports.find((one) => one.container === port && one.host !== undefined)?.host;
  if (published !== undefined) return `127.0.0.1:${published}`;
  throw new ReynsError("NOT_PUBLISHED", `${host} does not publish port ${port}`);
}
