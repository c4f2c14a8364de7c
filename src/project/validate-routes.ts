import { inside, invalidProject, type ReynsError, type Place } from "../errors.ts";
import { definedHostOf } from "../model/host-names.ts";
import type { Conf, InstanceDefinition, ServiceFolder } from "../model/project.ts";
import { ownNetwork } from "../model/resource-names.ts";
import { issuerOf, routablePorts, type RouteDefinition } from "../model/routes.ts";

type Services = ReadonlyMap<string, ServiceFolder>;

/** A route with the instance that has it, and its place. */
interface PlacedRoute {
  readonly definition: InstanceDefinition;
  readonly route: RouteDefinition;
  readonly at: Place;
}

/** Checks the router, and the routes of all instances. */
export function checkRoutes(conf: Conf, services: Services): ReynsError[] {
  const routers = conf.instances.filter(({ router }) => router !== undefined);
  const routes = conf.instances.flatMap((definition) =>
    (definition.routes ?? []).map((route, index) => ({
      definition,
      route,
      at: inside(definition.at, "route", index),
    })),
  );
  const [router] = routers;
  return [
    ...routers.slice(1).map(({ at }) => secondRouter(at)),
    ...(router ? checkRouter(router) : []),
    ...(router || conf.isIncomplete ? [] : routes.slice(0, 1).map(withoutRouter)),
    ...routes.flatMap((placed) => checkPort(placed, services)),
    ...routes.flatMap((placed) => checkReach(placed, router)),
    ...checkClashes(routes),
  ];
}

function secondRouter(at: Place): ReynsError {
  return invalidProject(
    "a conf can have only one router",
    "remove this one: one router serves all routes of a conf",
    at,
  );
}

function checkRouter({ router, at, properties, networkMode }: InstanceDefinition): ReynsError[] {
  if (router?.http === undefined && router?.https === undefined)
    return [invalidProject("the router has no port", "leave out http: false or https: false", at)];
  if (!properties.nethost && !networkMode) return [];
  const hint = "leave it out: it publishes the ports http and https";
  return [invalidProject("the router has no network of its own", hint, inside(at, "networkMode"))];
}

function withoutRouter({ definition, at }: PlacedRoute): ReynsError {
  const hint = 'add router() to reyns.ts, and import it from "reyns"';
  return invalidProject(
    `${definedHostOf(definition)} has a route, but the project has no router`,
    hint,
    at,
  );
}

function checkPort({ definition, route, at }: PlacedRoute, services: Services): ReynsError[] {
  if (route.port !== undefined) return [];
  const exposed = services.get(definition.service)?.ports ?? [];
  const ports = routablePorts([...exposed, ...definition.ports]);
  if (ports.length === 1) return [];
  const name = definedHostOf(definition);
  const found = ports.length === 0 ? `${name} exposes none` : `${name} exposes ${ports.join(", ")}`;
  const hint = `name it: route: { host: "${route.host}", port: ${ports[0] ?? 80} }`;
  return [invalidProject(`the route needs a port: ${found}`, hint, at)];
}

/** The router reaches an instance in a network that both are in. */
function checkReach(
  { definition, at }: PlacedRoute,
  router: InstanceDefinition | undefined,
): ReynsError[] {
  const { properties, networkMode, job } = definition;
  const name = definedHostOf(definition);
  if (job) return [invalidProject(`the job ${name} has a route`, "routes are for services", at)];
  if (properties.nethost || networkMode) {
    const hint = "leave out the route, or nethost and networkMode";
    return [invalidProject(`${name} has a route, but no network of its own`, hint, at)];
  }
  const own = networksOf(definition);
  if (!router || networksOf(router).some((network) => own.includes(network))) return [];
  const hint = `add one to the router: router({ networks: ["${ownNetwork}", "${own[0]}"] })`;
  return [invalidProject(`${name} and the router share no network`, hint, at)];
}

function networksOf({ networks }: InstanceDefinition): string[] {
  return networks?.map(({ network }) => network) ?? [ownNetwork];
}

/** Each path of a host belongs to one service, whose instances all serve it in the same way. */
function checkClashes(routes: readonly PlacedRoute[]): ReynsError[] {
  return routes.flatMap((placed, index) => {
    const earlier = routes.slice(0, index);
    const { definition, route, at } = placed;
    const same = earlier.find(
      (other) => other.route.host === route.host && other.route.path === route.path,
    );
    const text = `${route.host}${route.path === "/" ? "" : route.path}`;
    if (same && same.definition.service !== definition.service) {
      const message = `${text} is served by ${definedHostOf(same.definition)} and by ${definedHostOf(definition)}`;
      return [invalidProject(message, "give one of them another host or path", at)];
    }
    const differing = same && differences(same.route, route);
    if (differing !== undefined) {
      const message = `${definedHostOf(definition)} and ${definedHostOf(same?.definition ?? definition)} serve ${text} with different values of ${differing}`;
      return [invalidProject(message, "all instances of a service serve a route alike", at)];
    }
    return checkIssuer(placed, earlier);
  });
}

function differences(one: RouteDefinition, other: RouteDefinition): string | undefined {
  return (["strip", "sticky", "protocol", "tls"] as const).find((key) => one[key] !== other[key]);
}

/** A host has one certificate. */
function checkIssuer({ route, at }: PlacedRoute, earlier: readonly PlacedRoute[]): ReynsError[] {
  const issuer = ({ host, tls = issuerOf(host) }: RouteDefinition): string => tls;
  const other = earlier.find(
    (placed) => placed.route.host === route.host && issuer(placed.route) !== issuer(route),
  );
  if (!other) return [];
  const message = `${route.host} has tls: "${issuer(route)}" here, and "${issuer(other.route)}" with another route`;
  return [
    invalidProject(message, "a host has one certificate: give all of its routes the same tls", at),
  ];
}
