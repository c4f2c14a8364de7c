import { ownNetwork, shownNetwork } from "../../model/resource-names.ts";
import { compareStrings } from "../../lib/compare-strings.ts";
import type { InstanceDefinition, Project, ServiceFolder } from "../../model/project.ts";
import { gatewayIn } from "./networks.ts";
import { endpointPlacer, type PlacedEndpoint, type EndpointContext } from "./endpoints.ts";
import { resolveEnvironment, type EnvironmentSources } from "./environment.ts";
import { isDnsImage } from "./images.ts";
import { registeredElsewhere } from "./elsewhere.ts";
import type { LinkTarget } from "./links.ts";
import { withSharedNetwork, type SharedNetwork } from "./shared-network.ts";
import { isRunning, type Observed, type ObservedInstance } from "../../model/observed.ts";
import { definesSecondary, isSecondaryDns } from "../../model/dns-settings.ts";
import type { SelectedInstance } from "../select/selection.ts";

/**
 * What a run does with an instance: `restart` starts its container again, `resume` lets it go on after it was paused or
 * renamed from outside, `replace` makes a new one.
 */
export type Action = "create" | "replace" | "restart" | "resume" | "keep";

/** A selected instance with its image, its addresses, and its container if it has one. */
export interface Placed {
  readonly selected: SelectedInstance;
  /** Its service's folder; undefined for a ready image. */
  readonly service: ServiceFolder | undefined;
  readonly image: string;
  /** Address in the project's network, or else in the first of its networks; empty where the Engine chooses it. */
  readonly address: string;
  /** How it is in its networks: the one with its address first. */
  readonly endpoints: readonly PlacedEndpoint[];
  /** The instance whose network it is in instead. */
  readonly shared?: SharedNetwork | undefined;
  /** It serves the zone. */
  readonly isDns: boolean;
  readonly existing: ObservedInstance | undefined;
  readonly action: Action;
  /** This plan starts it, whether anew or again; otherwise it runs and is left alone. */
  readonly starts: boolean;
}

interface PlacementContext extends EndpointContext {
  readonly project: Project;
  readonly observed: Observed;
  readonly actionFor: (
    selected: SelectedInstance,
    existing: ObservedInstance | undefined,
  ) => Action;
}

/** Gives each selected instance its addresses: those that its container has, else such as follow from its name. */
export function placeInstances(
  selected: readonly SelectedInstance[],
  context: PlacementContext,
): Placed[] {
  const { project, observed, networks, actionFor } = context;
  const existing = new Map(observed.instances.map((instance) => [instance.host, instance]));
  const place = endpointPlacer(selected, context);
  const gateway = gatewayIn(networks.get(ownNetwork)?.range);
  const placed = selected.map((instance): Placed => {
    const { host, service: name, definition, properties } = instance;
    const service = definition.image === undefined ? project.services.get(name) : undefined;
    const image = definition.image ?? service?.image ?? name;
    const isDns = isDnsImage(project, image, observed);
    const before = existing.get(host);
    const endpoints = place(instance, { isDns, existing: before });
    const action = actionFor(instance, before);
    return {
      selected: instance,
      service,
      image,
      isDns,
      endpoints,
      address: properties.nethost ? (before?.address ?? gateway) : (endpoints[0]?.address ?? ""),
      existing: before,
      action,
      starts: action !== "keep",
    };
  });
  return placed.map((instance) => withSharedNetwork(instance, placed, context));
}

/** Everything that links can lead to: defined instances in the order of the conf, then others that run, by name. */
export function candidatesOf(
  placed: readonly Placed[],
  context: Pick<PlacementContext, "project" | "observed"> & {
    readonly sources: EnvironmentSources;
  },
): LinkTarget[] {
  const { project, observed, sources } = context;
  const selected = placed.map(
    ({ selected: { service, instance, host, definition }, ...place }) => ({
      service,
      instance,
      host,
      address: place.address,
      endpoints: endpointsOf({ definition, ...place }),
      isDns: place.isDns,
      isSecondary: place.isDns && definesSecondary(definition),
      serviceIp: place.isDns ? serviceIpOf(definition, sources) : undefined,
      planned: place.starts,
    }),
  );
  const hosts = new Set(selected.map(({ host }) => host));
  const running = observed.instances
    .filter((instance) => isRunning(instance) && !hosts.has(instance.host))
    .flatMap((one) => {
      const { service, instance, host, address, networks, isDns, registered } = one;
      if (address === undefined) return [];
      const serviceIp = registered?.address;
      const endpoints = networks?.some((endpoint) => endpoint.address === address)
        ? networks
        : undefined;
      const place = { address, endpoints, serviceIp, planned: false };
      return [{ service, instance, host, isDns, isSecondary: isSecondaryDns(one), ...place }];
    });
  const { instances } = project.conf;
  const ranks = new Map(
    instances.map(({ service, instance }, index) => [`${service}-${instance}`, index]),
  );
  const rank = ({ host }: LinkTarget): number => ranks.get(host) ?? Infinity;
  const elsewhere = registeredElsewhere(hosts, context);
  return [...selected, ...running, ...elsewhere].toSorted((one, other) => {
    const [first, second] = [rank(one), rank(other)];
    return first === second ? compareStrings(one.host, other.host) : first - second;
  });
}

/** Undefined for one in the host's network. */
function endpointsOf({
  definition,
  endpoints,
  shared,
}: Pick<Placed, "endpoints" | "shared"> & {
  readonly definition: InstanceDefinition;
}): LinkTarget["endpoints"] {
  if (shared) return shared.endpoints;
  if (endpoints.length === 0) return definition.networkMode ? [] : undefined;
  return endpoints.map(({ network, address = "" }) => ({
    name: network.name,
    key: shownNetwork(network.key),
    address,
  }));
}

function serviceIpOf({ env }: InstanceDefinition, sources: EnvironmentSources): string | undefined {
  const { SERVICE_IP } = env;
  return resolveEnvironment(SERVICE_IP ? { SERVICE_IP } : {}, "", sources).values["SERVICE_IP"];
}
