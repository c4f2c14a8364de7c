import { compareStrings } from "../../lib/compare-strings.ts";
import type { InstanceDefinition, Project, ServiceFolder } from "../../model/project.ts";
import { chooseAddress, gatewayOf } from "./addresses.ts";
import { resolveEnvironment, type EnvironmentSources } from "./environment.ts";
import { isDnsImage } from "./images.ts";
import type { LinkTarget } from "./links.ts";
import { isRunning, type Observed, type ObservedInstance } from "../../model/observed.ts";
import type { SelectedInstance } from "../select/select.ts";

/** A selected instance with its image, its address, and what is there of it already. */
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
  /** This plan starts it; otherwise it runs and is left alone. */
  readonly starts: boolean;
}

interface PlacementContext {
  readonly project: Project;
  readonly observed: Observed;
  /** Also what runs is started, anew. */
  readonly recreate: boolean;
  readonly subnet: string;
}

/** Gives each selected instance its address: what runs keeps its own, the others get the one of their name. */
export function placeInstances(
  selected: readonly SelectedInstance[],
  { project, observed, recreate, subnet }: PlacementContext,
): Placed[] {
  const existing = new Map(observed.instances.map((instance) => [instance.host, instance]));
  const stays = (host: string): boolean => {
    const before = existing.get(host);
    // One that ends recreate and recreate is made anew, as one that has ended.
    return before !== undefined && isRunning(before) && before.state !== "restarting" && !recreate;
  };
  const leaving = new Set(selected.map(({ host }) => host).filter((host) => !stays(host)));
  const others = observed.instances.filter(({ host }) => !leaving.has(host));
  const taken = new Set(others.flatMap(({ address }) => address ?? []));
  return selected.map((one) => {
    const { host, service: name, definition } = one;
    const service = definition.image === undefined ? project.services.get(name) : undefined;
    const kept = stays(host) ? existing.get(host)?.address : undefined;
    const image = definition.image ?? service?.image ?? name;
    const isDns = isDnsImage(project, image, observed);
    const own = (): string => chooseAddress(subnet, host, isDns, taken);
    return {
      selected: one,
      service,
      image,
      isDns,
      address: kept ?? (one.properties.nethost ? gatewayOf(subnet) : own()),
      existing: existing.get(host),
      starts: !stays(host),
    };
  });
}

/** What links can lead to, in the order of the conf, whoever runs already; others after them by name. */
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
