import { ReynsError } from "../errors.ts";
import { parseRange } from "../lib/ipv4-range.ts";
import { withoutUndefined } from "../lib/without-undefined.ts";
import { labels } from "../model/labels.ts";
import type { AddressPool, NetworkDefinition, ObservedNetwork } from "../model/networks.ts";
import type { Observed } from "../model/observed.ts";
import type { Project } from "../model/project.ts";
import {
  declaredNetworkName,
  networkNameOf,
  scopeOf,
  ownNetwork,
} from "../model/resource-names.ts";
import type { CreateNetwork } from "../model/steps.ts";
import { isOfCompose } from "./network-differences.ts";
import { networkChanges, networkDigests, plainDefinition } from "./network-settings.ts";
import type { EnvironmentSources } from "./resolve/environment.ts";
import {
  isIpv4Pool,
  rangeOf,
  usesOf,
  usesPools,
  type PlannedNetwork,
  type PlannedNetworks,
} from "./resolve/networks.ts";
import { chooseIpv6Subnet, chooseSubnet, poolVariable } from "./resolve/subnets.ts";
import type { SelectedInstance } from "./select/selection.ts";

interface NetworkContext {
  readonly observed: Observed;
  readonly sources: Pick<EnvironmentSources, "caller" | "hostConf">;
  /** Leave changed networks as they are. */
  readonly keep: boolean;
}

/** The networks of a plan, and what has to happen to them first. */
export interface NetworkPlan {
  readonly networks: PlannedNetworks;
  readonly steps: readonly CreateNetwork[];
}

/**
 * Creates the networks that the instances are in and that are not there, and replaces those whose settings have changed.
 *
 * @throws ReynsError INVALID_VALUE, ENGINE_REFUSED when no subnet is free
 */
export function planNetworks(
  project: Project,
  selected: readonly SelectedInstance[],
  context: NetworkContext,
): NetworkPlan {
  const used = new Set(selected.flatMap((one) => usesOf(one).map(({ network }) => network)));
  const needsOwn = used.has(ownNetwork) || selected.some(({ properties }) => properties.nethost);
  const networks = new Map<string, PlannedNetwork>();
  const steps: CreateNetwork[] = [];
  const taken = [...context.observed.takenSubnets];
  const add = ({ network, step }: Planned): void => {
    networks.set(network.key, network);
    if (!step) return;
    steps.push(step);
    taken.push(...step.pools.flatMap(({ subnet }) => subnet ?? []));
  };
  if (needsOwn || selected.length === 0) add(planOwn(project, { ...context, taken }));
  for (const [key, definition] of Object.entries(project.conf.networks ?? {}))
    if (used.has(key) && key !== ownNetwork)
      add(planDeclared(project, { key, definition, taken }, context));
  return { networks, steps };
}

interface Planned {
  readonly network: PlannedNetwork;
  readonly step: CreateNetwork | undefined;
}

const ownStep = { kind: "create-network", id: "network", after: [], title: "network" } as const;

function planOwn(project: Project, context: NetworkContext & Pick<Declared, "taken">): Planned {
  const { observed, sources, taken } = context;
  const name = networkNameOf(project);
  const declared = project.conf.networks?.[ownNetwork];
  const isPlain = findOwn(project, name, observed)?.definition === undefined;
  if (declared || !isPlain) {
    const definition = declared ?? { external: false };
    return planDeclared(project, { key: ownNetwork, definition, taken }, context);
  }
  const planned = (subnet: string): PlannedNetwork => ({
    key: ownNetwork,
    name,
    range: { subnet, isGiven: false },
    isReplaced: false,
    isInternal: false,
  });
  if (observed.subnet !== undefined) return { network: planned(observed.subnet), step: undefined };
  const pool = chooseSubnet(scopeOf(project), observed.takenSubnets, poolIn(sources));
  const reason = "the project has none yet";
  const step = { ...ownStep, reason, name, settings: {}, pools: [pool], labels: owner(project) };
  return { network: planned(pool.subnet), step };
}

function findOwn(
  project: Project,
  name: string,
  { networks = [] }: Observed,
): ObservedNetwork | undefined {
  return networks.find(
    (one) => one.name === name && one.project === project.name && one.origin === project.origin,
  );
}

function poolIn({ caller, hostConf }: NetworkContext["sources"]): string | undefined {
  return caller[poolVariable] || hostConf[poolVariable] || undefined;
}

function owner(project: Project): Record<string, string> {
  return { [labels.project]: project.name, [labels.folder]: project.origin };
}

interface Declared {
  readonly key: string;
  readonly definition: NetworkDefinition;
  /** Subnets that are taken. */
  readonly taken: readonly string[];
}

function planDeclared(project: Project, declared: Declared, context: NetworkContext): Planned {
  const { key, definition, taken } = declared;
  const isOwn = key === ownNetwork;
  const name = isOwn ? networkNameOf(project) : declaredNetworkName(project, key, definition);
  const isInternal = definition.internal ?? isInternalOf(name, context.observed);
  const network = { key, name, range: undefined, isReplaced: false, isInternal };
  if (definition.external) return { network, step: undefined };
  const found = findOwn(project, name, context.observed);
  const foreign = context.observed.networks?.find((other) => other.name === name);
  if (!found && foreign && isOfCompose(foreign, project)) return { network, step: undefined };
  const recorded = found?.definition ?? (isOwn ? plainDefinition : undefined);
  const changes =
    found && !context.keep ? networkChanges(definition, { ...found, definition: recorded }) : [];
  if (found && changes.length === 0)
    return { network: { ...network, range: rangeOf(definition, found.subnets) }, step: undefined };
  if (found && (definition.isSpanning || found.settings.driver === "overlay"))
    throw notReplaceable(changes);
  // What it has now is free when it is gone.
  const others = taken.filter((subnet) => !found?.subnets.includes(subnet));
  const seed = isOwn ? scopeOf(project) : `${scopeOf(project)}-${key}`;
  const pools = poolsOf(seed, definition, { ...context, taken: others });
  const title = isOwn ? ownStep.title : `network ${key}`;
  const step: CreateNetwork = {
    ...ownStep,
    id: title,
    title,
    reason: found ? "its settings have changed" : "not there yet",
    name,
    settings: definition,
    pools,
    labels: {
      ...definition.labels,
      ...owner(project),
      [labels.definition]: JSON.stringify(networkDigests(definition)),
    },
    ...(found ? replacing(found, changes) : {}),
  };
  const range = rangeOf(
    definition,
    pools.flatMap(({ subnet }) => subnet ?? []),
  );
  return { network: { ...network, range, isReplaced: found !== undefined }, step };
}

/** The containers of other machines are in it as well. */
function notReplaceable(changes: ReturnType<typeof networkChanges>): ReynsError {
  const fields = changes.map(({ field }) => field).join(", ");
  const message = `the network of all machines is another one than before (${fields}), and is not replaced while it is in use`;
  const hint = "remove the instances first: reyns clean all, then run again";
  return new ReynsError("ENGINE_REFUSED", message, { hint });
}

function isInternalOf(name: string, { networks = [] }: Observed): boolean {
  return networks.find((network) => network.name === name)?.settings.internal ?? false;
}

function replacing(
  { id, name, users }: ObservedNetwork,
  changes: ReturnType<typeof networkChanges>,
): Pick<CreateNetwork, "replaces" | "together"> {
  const containers = users.map((user) => user.id);
  return { replaces: { id, containers, changes }, together: `network ${name}` };
}

/** The ranges that the definition gives, and those that Reyns chooses where it gives none. */
function poolsOf(
  seed: string,
  definition: NetworkDefinition,
  { sources, taken }: NetworkContext & { readonly taken: readonly string[] },
): AddressPool[] {
  const given = (definition.ipam?.config ?? []).map(withoutUndefined);
  if (!usesPools(definition)) return given;
  const hasIpv4 = given.some(isIpv4Pool);
  const hasIpv6 = given.some(({ subnet }) => subnet !== undefined && !parseRange(subnet));
  const ipv4 = hasIpv4 ? [] : [chooseSubnet(seed, taken, poolIn(sources))];
  const ipv6 = definition.enableIpv6 && !hasIpv6 ? [chooseIpv6Subnet(seed)] : [];
  return [...ipv4, ...given.filter(({ subnet }) => subnet !== undefined), ...ipv6];
}
