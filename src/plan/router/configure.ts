import { isRunning, type Observed } from "../../model/observed.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import { containerNameOf } from "../../model/resource-names.ts";
import {
  remoteUpstreamLines,
  upstreamLines,
  type ConfigureRouter,
} from "../../model/router-steps.ts";
import type { DescribedStart } from "../describe/described-start.ts";
import { routesId } from "../../model/served-routes.ts";
import { defaultRouter } from "../../model/routes.ts";
import { caddyConfig } from "./caddy-config.ts";

import { routeChanges } from "./route-changes.ts";
import { routedElsewhere, routedOf, routerHost, routerOf, routesOf } from "./routes.ts";

interface RoutesContext {
  readonly project: Project;
  readonly observed: Observed;
}

const configureStep = "routes";

/**
 * What the router has to be told besides what the starts tell it: other routes, or upstreams that it does not have.
 * A router that has no configuration gets it at once, any other one when what starts is ready.
 */
export function planRoutes(
  decided: readonly DescribedStart[],
  { project, observed }: RoutesContext,
): ConfigureRouter[] {
  const definition = routerOf(project);
  if (!definition?.router) return [];
  const host = routerHost(definition);
  const own = decided.find(({ step }) => step.host === host);
  const runs = observed.instances.some((one) => one.host === host && isRunning(one));
  // It is on another machine.
  if (!own && !runs) return [];
  const config = configOf(project, observed);
  const started = decided.filter(({ placed, step }) => placed.starts && step.routed);
  const paused = observed.instances.filter(({ state }) => state === "paused");
  const kept = new Set([...started.map(({ step }) => step.host), ...paused.map((one) => one.host)]);
  const instances = instancesOf(decided, { project, observed }).map((instance) => ({
    ...instance,
    isKept: kept.has(instance.host),
  }));
  const { router: known } = observed;
  const changes = routeChanges(known, { config, instances });
  const reason = reasonOf(known, config, changes.length > 0);
  if (reason === undefined && hasUpstreams({ project, observed }, instances)) return [];
  const before =
    known?.config === undefined || known.isRefused
      ? [host]
      : [host, ...instances.map((instance) => instance.host)];
  const after = decided.filter(({ step, placed }) => placed.starts && before.includes(step.host));
  return [
    {
      kind: "configure-router",
      id: configureStep,
      after: after.map(({ step }) => step.id),
      title: "routes",
      reason: reason ?? "other containers",
      router: containerNameOf(project, host),
      config,
      instances,
      changes,
    },
  ];
}

/** The one that the router has, where it is of the same routes: another version of Reyns may write it differently. */
function configOf(project: Project, { router: known }: Observed): string {
  const settings = routerOf(project)?.router ?? defaultRouter;
  const config = `${JSON.stringify(caddyConfig(settings, routesOf(project)))}\n`;
  return known?.config !== undefined && routesId(known.config) === routesId(config)
    ? known.config
    : config;
}

/** Whether a router is to get other routes, and another version of Reyns has built its image, which may not know them. */
export function isOutdatedRouter(
  { placed }: Pick<DescribedStart, "placed">,
  { project, observed, build }: RoutesContext & { readonly build: { readonly assets: string } },
): boolean {
  const { router: known } = observed;
  if (placed.selected.definition.router === undefined || known?.config === undefined) return false;
  return known.assets !== build.assets && configOf(project, observed) !== known.config;
}

/** Undefined: its configuration is the same. */
function reasonOf(
  known: Observed["router"],
  config: string,
  hasChanges: boolean,
): string | undefined {
  if (known?.config === undefined) return "not set up yet";
  if (known.isRefused) return "Caddy refused them when the router started";
  if (known.config === config) return undefined;
  return hasChanges ? "other routes" : "other settings";
}

type Instances = ConfigureRouter["instances"];

/** Those of this plan, others that are there, and those on other machines. */
function instancesOf(
  decided: readonly DescribedStart[],
  { project, observed }: RoutesContext,
): Omit<Instances[number], "isKept">[] {
  // A session in a terminal serves nobody.
  const selected = decided
    .map(({ placed: { selected: one } }) => one)
    .filter(({ session }) => session === undefined);
  const hosts = new Map(selected.map((one) => [one.host, one.definition]));
  for (const { host, service, instance, isAttached } of observed.instances) {
    if (isAttached) continue;
    const definition =
      project.conf.instances.find((one) => one.service === service && one.instance === instance) ??
      project.conf.instances.find((one) => one.service === service);
    if (definition && !hosts.has(host)) hosts.set(host, definition);
  }
  const here = [...hosts].flatMap(([host, definition]) => {
    const routed = routedOf(definition, host, project);
    if (!routed) return [];
    const { routes } = routed;
    return [{ host, routes, container: containerNameOf(project, host) }];
  });
  return [...here, ...remoteInstances(zoneOf(decided, { project, observed }), hosts, project)];
}

/** The zone in which the router looks names up; undefined without a DNS. */
function zoneOf(
  decided: readonly DescribedStart[],
  { project, observed }: RoutesContext,
): string | undefined {
  const router = routerOf(project);
  const host = router && routerHost(router);
  const own = decided.find(({ step }) => step.host === host);
  const running = observed.instances.find((one) => one.host === host);
  return own?.step.register?.zone ?? running?.registered?.zone;
}

/** Those that run on other machines, by all that is known. */
function remoteInstances(
  zone: string | undefined,
  here: ReadonlyMap<string, InstanceDefinition>,
  project: Project,
): Omit<Instances[number], "isKept">[] {
  if (zone === undefined) return [];
  return routedElsewhere(project)
    .filter(({ host, routes }) => !here.has(host) && routes.length > 0)
    .map(({ host, routes }) => {
      const container = containerNameOf(project, host);
      return { host, routes, container, remoteName: `${host}.${zone}` };
    });
}

/** Whether the router has the instances that run on, and no others. */
function hasUpstreams({ observed }: RoutesContext, instances: Instances): boolean {
  const known = new Map(observed.router?.upstreams);
  for (const instance of instances) {
    const lines = known.get(instance.host) ?? [];
    known.delete(instance.host);
    if (instance.isKept) continue;
    const wanted = wantedLines(instance, observed);
    if (!Bun.deepEquals(lines.toSorted(), wanted.toSorted())) return false;
  }
  return known.size === 0;
}

function wantedLines(instance: Instances[number], observed: Observed): string[] {
  const { host, remoteName } = instance;
  if (remoteName !== undefined) return remoteUpstreamLines(instance, remoteName);
  const running = observed.instances.find((one) => one.host === host && isRunning(one));
  return upstreamLines(instance, running ? [running.id] : []);
}
