import { hostNameOf } from "../../model/host-names.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import { containerNameOf } from "../../model/resource-names.ts";
import type { RoutedInstance } from "../../model/router-steps.ts";
import { routablePorts, routeKey } from "../../model/routes.ts";
import type { Dependency } from "../describe/described-start.ts";
import type { LinkTarget } from "../resolve/links.ts";
import type { Placed } from "../resolve/placement.ts";
import type { KeyedRoute } from "./caddy-config.ts";

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
  const all = conf.instances.flatMap(({ service, routes = [] }) =>
    routes.map((route) => ({ ...route, key: routeKey(service, route) })),
  );
  return [...new Map(all.map((route) => [route.key, route])).values()];
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

/** How an instance stands in the router, and that it starts after it; undefined where none runs on this machine. */
export function routedHere(
  { selected: { definition, host, session } }: Pick<Placed, "selected">,
  project: Project,
  candidates: readonly LinkTarget[],
): { readonly routed: RoutedInstance; readonly dependencies: readonly Dependency[] } | undefined {
  const router = routerOf(project);
  const routed = session === undefined ? routedOf(definition, host, project) : undefined;
  if (!router || !routed) return undefined;
  const own = routerHost(router);
  if (!candidates.some((candidate) => candidate.host === own)) return undefined;
  return { routed, dependencies: [{ kind: "router", host: own }] };
}
