import { hostNameOf } from "../../model/host-names.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import { containerNameOf } from "../../model/resource-names.ts";
import type { ConfigureRouter, ObservedRouter } from "../../model/router-steps.ts";
import { defaultRouter } from "../../model/routes.ts";
import { servedRoutes } from "../../model/served-routes.ts";
import type { StartInstance } from "../../model/steps.ts";
import { caddyConfig } from "./caddy-config.ts";
import { routeChanges } from "./route-changes.ts";
import { keyedRoutesOf, routerHost, routerOf, uniqueRoutes } from "./routes.ts";

type RolledBack = Pick<StartInstance, "id" | "host" | "routed" | "servedRoutes">;

/** Whether versions that come back have other routes than the router serves for their instances. */
export function haveOtherRoutes(starts: readonly RolledBack[], router: ObservedRouter): boolean {
  const served = new Set(servedRoutes(router.config ?? "").map(({ key }) => key));
  return starts.some(({ host, routed }) => {
    const keys = new Set(routed?.routes.map(({ key }) => key));
    const before = keysIn(router.upstreams.get(host) ?? []);
    return [...keys].some((key) => !served.has(key)) || before.some((key) => !keys.has(key));
  });
}

function keysIn(lines: readonly string[]): string[] {
  return lines.map((line) => line.split(" ")[0] ?? "");
}

interface RoutesScene {
  /** The definition of today, which has the router's settings and the routes of all other instances. */
  readonly project: Project;
  readonly router: ObservedRouter;
  readonly instances: readonly ObservedInstance[];
}

/** The routes follow the versions that serve, once these are ready. */
export function planRollbackRoutes(
  starts: readonly RolledBack[],
  { project, router, instances: observed }: RoutesScene,
): ConfigureRouter[] {
  const definition = routerOf(project);
  if (!definition) return [];
  const restored = new Map(starts.map((start) => [start.host, start]));
  const others = project.conf.instances.filter((one) => !restored.has(hostOf(one)));
  const routes = uniqueRoutes([
    ...starts.flatMap((start) => start.servedRoutes ?? []),
    ...others.flatMap(keyedRoutesOf),
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
