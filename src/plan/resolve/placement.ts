import { compareStrings } from "../../lib/compare-strings.ts";
import type { InstanceDefinition, Project, ServiceFolder } from "../../model/project.ts";
import { chooseAddress, gatewayOf, isInSubnet } from "./addresses.ts";
import { resolveEnvironment, type EnvironmentSources } from "./environment.ts";
import { isDnsImage } from "./images.ts";
import type { LinkTarget } from "./links.ts";
import { isRunning, type Observed, type ObservedInstance } from "../../model/observed.ts";
import type { SelectedInstance } from "../select/selection.ts";

/**
 * What a run does with an instance: `restart` starts its container again, `resume` lets it go on after it was paused or
 * renamed from outside, `replace` makes a new one.
 */
export type Action = "create" | "replace" | "restart" | "resume" | "keep";

/** A selected instance with its image, its address, and its container if it has one. */
export interface Placed {
  readonly selected: SelectedInstance;
  /** Its service's folder; undefined for a ready image. */
  readonly service: ServiceFolder | undefined;
  readonly image: string;
  /** Fixed address in the project's network. */
  readonly address: string;
  /** It serves the zone. */
  readonly isDns: boolean;
  readonly existing: ObservedInstance | undefined;
  readonly action: Action;
  /** This plan starts it, whether anew or again; otherwise it runs and is left alone. */
  readonly starts: boolean;
}

interface PlacementContext {
  readonly project: Project;
  readonly observed: Observed;
  readonly subnet: string;
  readonly actionFor: (
    selected: SelectedInstance,
    existing: ObservedInstance | undefined,
  ) => Action;
}

/** Gives each selected instance its address: the one that its container has, else one that follows from its name. */
export function placeInstances(
  selected: readonly SelectedInstance[],
  { project, observed, subnet, actionFor }: PlacementContext,
): Placed[] {
  const existing = new Map(observed.instances.map((instance) => [instance.host, instance]));
  const taken = new Set(observed.instances.flatMap(({ address }) => address ?? []));
  return selected.map((instance) => {
    const { host, service: name, definition, properties } = instance;
    const service = definition.image === undefined ? project.services.get(name) : undefined;
    const image = definition.image ?? service?.image ?? name;
    const isDns = isDnsImage(project, image, observed);
    const before = existing.get(host);
    const own = before?.address;
    const choose = (): string =>
      own !== undefined && isInSubnet(own, subnet)
        ? own
        : chooseAddress(subnet, host, isDns, taken);
    const action = actionFor(instance, before);
    return {
      selected: instance,
      service,
      image,
      isDns,
      address: properties.nethost ? (own ?? gatewayOf(subnet)) : choose(),
      existing: before,
      action,
      starts: action !== "keep",
    };
  });
}

/** Everything that links can lead to: defined instances in the order of the conf, then others that run, by name. */
export function candidatesOf(
  placed: readonly Placed[],
  {
    project,
    observed,
    sources,
  }: Pick<PlacementContext, "project" | "observed"> & { readonly sources: EnvironmentSources },
): LinkTarget[] {
  const selected = placed.map(
    ({ selected: { service, instance, host, definition }, ...place }) => ({
      service,
      instance,
      host,
      address: place.address,
      isDns: place.isDns,
      serviceIp: place.isDns ? serviceIpOf(definition, sources) : undefined,
      planned: place.starts,
    }),
  );
  const hosts = new Set(selected.map(({ host }) => host));
  const running = observed.instances
    .filter((instance) => isRunning(instance) && !hosts.has(instance.host))
    .flatMap(({ service, instance, host, address, isDns, registered }) => {
      if (address === undefined) return [];
      const serviceIp = registered?.address;
      return [{ service, instance, host, address, isDns, serviceIp, planned: false }];
    });
  const defined = project.conf.instances.map(({ service, instance }) => `${service}-${instance}`);
  const rank = ({ host }: LinkTarget): number => defined.indexOf(host) + 1 || Infinity;
  return [...selected, ...running].toSorted((one, other) => {
    const [first, second] = [rank(one), rank(other)];
    return first === second ? compareStrings(one.host, other.host) : first - second;
  });
}

function serviceIpOf({ env }: InstanceDefinition, sources: EnvironmentSources): string | undefined {
  const { SERVICE_IP } = env;
  return resolveEnvironment(SERVICE_IP ? { SERVICE_IP } : {}, "", sources).values["SERVICE_IP"];
}
