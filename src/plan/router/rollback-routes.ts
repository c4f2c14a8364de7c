import { hostNameOf } from "../../model/host-names.ts";
import { labels } from "../../model/labels.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import { containerNameOf } from "../../model/resource-names.ts";
import {
  isRemoteUpstream,
  type ConfigureRouter,
  type ObservedRouter,
} from "../../model/router-steps.ts";
import { defaultRouter, issuerOf, routeKey, type KeyedRoute } from "../../model/routes.ts";
import { servedRoutes, type ServedRoute } from "../../model/served-routes.ts";
import type { StartInstance } from "../../model/steps.ts";
import { caddyConfig } from "./caddy-config.ts";
import { routeChanges } from "./route-changes.ts";
import { keyedRoutesOf, routerHost, routerOf, uniqueRoutes } from "./routes.ts";

type RolledBack = Pick<StartInstance, "id" | "host" | "spec" | "routed" | "servedRoutes">;

/** Whether versions that come back have other routes than the router serves for their instances. */
export function haveOtherRoutes(starts: readonly RolledBack[], router: ObservedRouter): boolean {
  const served = new Map(servedRoutes(router.config ?? "").map((route) => [route.key, route]));
  return starts.some(({ host, routed, servedRoutes: own = [] }) => {
    const keys = new Set(routed?.routes.map(({ key }) => key));
    const before = keysIn(router.upstreams.get(host) ?? []);
    return (
      [...keys].some((key) => !served.has(key)) ||
      before.some((key) => !keys.has(key)) ||
      own.some((route) => !isServedAs(route, served.get(route.key)))
    );
  });
}

function keysIn(lines: readonly string[]): string[] {
  return lines.map((line) => line.split(" ")[0] ?? "");
}

interface RoutesScene {
  /** The definition of today, which has the router's settings. */
  readonly project: Project;
  readonly router: ObservedRouter;
  readonly instances: readonly ObservedInstance[];
}

/** The routes follow the versions that serve, once these are ready. All others stay as the router serves them. */
export function planRollbackRoutes(
  starts: readonly RolledBack[],
  { project, router, instances: observed }: RoutesScene,
): ConfigureRouter[] {
  const definition = routerOf(project);
  if (!definition) return [];
  const restored = new Map(starts.map((start) => [start.host, start]));
  const routes = uniqueRoutes([
    ...starts.flatMap((start) => start.servedRoutes ?? []),
    ...otherRoutes(starts, { project, router }),
  ]);
  const settings = definition.router ?? defaultRouter;
  const config = `${JSON.stringify(caddyConfig(settings, routes))}\n`;
  const hosts = new Set([...observed.map(({ host }) => host), ...router.upstreams.keys()]);
  const instances = [...hosts]
    // One that has no route any more loses its upstreams.
    .filter((host) => !restored.has(host) || restored.get(host)?.routed)
    .map((host) => ({
      host,
      container: containerNameOf(project, host),
      routes: restored.get(host)?.routed?.routes ?? knownRoutes(router, host),
      remoteName: remoteNameOf(router, host),
      isKept: true,
    }));
  return [
    {
      kind: "configure-router",
      id: "routes",
      after: starts.map(({ id }) => id),
      title: "routes",
      reason: "those of the earlier version",
      router: containerNameOf(project, routerHost(definition)),
      config,
      instances,
      changes: routeChanges(router, { config, instances }),
    },
  ];
}

/** Those that the router serves now for other instances; as they are defined where it serves nothing yet. */
function otherRoutes(
  starts: readonly RolledBack[],
  { project, router }: Pick<RoutesScene, "project" | "router">,
): KeyedRoute[] {
  const restored = new Set(starts.map(({ host }) => host));
  const others = project.conf.instances.filter((one) => !restored.has(hostOf(one)));
  const defined = new Map(others.flatMap(keyedRoutesOf).map((route) => [route.key, route]));
  if (router.config === undefined) return [...defined.values()];
  const used = new Set(
    [...router.upstreams].flatMap(([host, lines]) => (restored.has(host) ? [] : keysIn(lines))),
  );
  const services = starts.map(({ spec }) => spec.labels[labels.service] ?? "");
  return servedRoutes(router.config)
    .filter((route) => {
      const isOfService = services.some((service) => routeKey(service, route) === route.key);
      return !isOfService || used.has(route.key) || defined.has(route.key);
    })
    .map((route) => {
      const own = defined.get(route.key);
      // The definition also has the port.
      return own && isServedAs(own, route) ? own : route;
    });
}

function isServedAs(route: KeyedRoute, served: ServedRoute | undefined): boolean {
  if (!served) return false;
  const { port: _, tls = issuerOf(route.host), ...rest } = route;
  return Bun.deepEquals({ ...rest, tls: served.tls && tls }, served);
}

function hostOf({ service, instance = "" }: InstanceDefinition): string {
  return hostNameOf(service, instance);
}

function knownRoutes(
  { upstreams }: ObservedRouter,
  host: string,
): ConfigureRouter["instances"][number]["routes"] {
  return (upstreams.get(host) ?? []).map((line) => {
    const [key = "", , port] = line.split(" ");
    return { key, port: Number(port) };
  });
}

/** Its name in the DNS, where it runs on another machine. */
function remoteNameOf({ upstreams }: ObservedRouter, host: string): string | undefined {
  const targets = (upstreams.get(host) ?? []).map((line) => line.split(" ")[1] ?? "");
  return targets.find(isRemoteUpstream);
}
