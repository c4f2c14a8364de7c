import { hostNameOf } from "../../model/host-names.ts";
import { freePort } from "../../model/ports.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import { containerNameOf, ownNetwork } from "../../model/resource-names.ts";
import type { RoutedInstance } from "../../model/router-steps.ts";
import { routablePorts, routeKey, type KeyedRoute } from "../../model/routes.ts";
import type { StartInstance } from "../../model/steps.ts";
import { isLoopback } from "../checks/ports.ts";
import type { Dependency } from "../describe/described-start.ts";
import { tryExtraArgs } from "../describe/docker-run-args.ts";
import { publishedPorts } from "../describe/published-ports.ts";
import type { LinkTarget } from "../resolve/links.ts";
import type { Placed } from "../resolve/placement.ts";
import { selectInstance } from "../select/select.ts";
import { plainSelection, type SelectedInstance } from "../select/selection.ts";

/** The definition of the project's router. */
export function routerOf({ conf }: Pick<Project, "conf">): InstanceDefinition | undefined {
  return conf.instances.find(({ router }) => router !== undefined);
}

/** Host name of the router's instance. */
export function routerHost({ service, instance = "main" }: InstanceDefinition): string {
  return hostNameOf(service, instance);
}

/** The project's routes, each once, whichever instances serve it. */
export function routesOf({ conf }: Pick<Project, "conf">): KeyedRoute[] {
  return uniqueRoutes(conf.instances.flatMap(keyedRoutesOf));
}

/** Those of one instance, as the router serves them. */
export function keyedRoutesOf({
  service,
  routes = [],
}: Pick<InstanceDefinition, "service" | "routes">): KeyedRoute[] {
  return routes.map((route) => ({ ...route, key: routeKey(service, route) }));
}

export function uniqueRoutes(routes: readonly KeyedRoute[]): KeyedRoute[] {
  return [...new Map(routes.map((route) => [route.key, route])).values()];
}

/** How an instance stands in the router; undefined where it has no route, or the project no router. */
export function routedOf(
  definition: InstanceDefinition,
  host: string,
  project: Project,
): RoutedInstance | undefined {
  const router = routerOf(project);
  const { service, routes = [] } = definition;
  if (!router || routes.length === 0) return undefined;
  const exposed = project.services.get(service)?.ports ?? [];
  const [only] = routablePorts([...exposed, ...definition.ports]);
  return {
    router: containerNameOf(project, routerHost(router)),
    host,
    routes: routes.map((route) => ({
      key: routeKey(service, route),
      port: route.port ?? only ?? 0,
    })),
  };
}

interface RoutedHere {
  readonly routed: RoutedInstance;
  readonly servedRoutes: readonly KeyedRoute[];
  readonly dependencies: readonly Dependency[];
}

/** How an instance stands in the router, and that it starts after it; undefined where none runs on this machine. */
export function routedHere(
  { selected: { definition, host, session } }: Pick<Placed, "selected">,
  project: Project,
  candidates: readonly LinkTarget[],
): RoutedHere | undefined {
  const router = routerOf(project);
  const routed = session === undefined ? routedOf(definition, host, project) : undefined;
  if (!router || !routed) return undefined;
  const own = routerHost(router);
  const isHere = candidates.some((candidate) => candidate.host === own && !candidate.isElsewhere);
  if (!isHere) return undefined;
  const servedRoutes = keyedRoutesOf(definition);
  return { routed, servedRoutes, dependencies: [{ kind: "router", host: own }] };
}

/** An instance on another machine than the router, with the ports of that machine at which the router reaches it. */
interface RemoteInstance extends Pick<RoutedInstance, "host" | "routes"> {
  /** Ports of its container that it publishes at no port that is known here. */
  readonly unpublished: readonly number[];
}

/**
 * The instances with routes that run on other machines than the router: those of another group. The router finds them by
 * their names in the DNS.
 */
export function routedElsewhere(project: Project): RemoteInstance[] {
  return project.conf.instances.flatMap((definition) => remoteInstance(definition, project) ?? []);
}

function remoteInstance(
  definition: InstanceDefinition,
  project: Project,
): RemoteInstance | undefined {
  const { service, instance, group } = definition;
  const own = routerOf(project)?.group;
  // A router without a group runs on each machine.
  if (instance === undefined || group === undefined || own === undefined || group === own)
    return undefined;
  const routed = routedOf(definition, hostNameOf(service, instance), project);
  if (!routed) return undefined;
  const { host, routes } = routed;
  const published = spansMachines(project)
    ? new Map(routes.map(({ port }) => [port, port]))
    : hostPorts(definition, project);
  return {
    host,
    routes: routes.flatMap(({ key, port }) => {
      const hostPort = published.get(port);
      return hostPort === undefined ? [] : [{ key, port: hostPort }];
    }),
    unpublished: [...new Set(routes.map(({ port }) => port))].filter(
      (port) => !published.has(port),
    ),
  };
}

/** In one network with it, the router reaches an instance as on the same machine. */
function spansMachines({ conf }: Project): boolean {
  return conf.networks?.[ownNetwork]?.isSpanning ?? false;
}

/** Port of the container -> the one at which other machines reach it. */
function hostPorts(definition: InstanceDefinition, project: Project): Map<number, number> {
  const selected = selectInstance(project, definition, plainSelection("all"), "all");
  const { extra } = tryExtraArgs(definition.extraArgs, definition.at);
  const service = project.services.get(definition.service);
  const ports = publishedPorts({ project, selected, service, env: {}, extra, existing: undefined });
  const reachable = ports.filter(
    ({ protocol, host, ip }) => protocol === "tcp" && host !== freePort && !isLoopback(ip),
  );
  return new Map(reachable.map(({ container, host }) => [container, host]));
}

/** Why the router, which is on another machine, does not reach an instance that starts here. */
export function remoteRouteWarnings(
  { definition, session }: Pick<SelectedInstance, "definition" | "session">,
  { host, spec, register }: Pick<StartInstance, "host" | "spec" | "register">,
  project: Project,
): string[] {
  const remote = session === undefined ? remoteInstance(definition, project) : undefined;
  if (!remote) return [];
  const lacks = [
    ...remote.unpublished.map(
      (port) => `a fixed port for ${port}, such as ports: ["8080:${port}"]`,
    ),
    ...(spec.env["SERVICE_IP"] === undefined && !spansMachines(project)
      ? ["SERVICE_IP, the address of this machine"]
      : []),
    ...(register ? [] : ["a name in the project's DNS"]),
  ];
  const group = routerOf(project)?.group;
  return lacks.map(
    (lacking) =>
      `${host} gets no requests from a router on another machine (group ${group}): it lacks ${lacking}`,
  );
}
