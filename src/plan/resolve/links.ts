import { isIpv4 } from "../../lib/ipv4-range.ts";
import { inside, invalidProject, ReynsError } from "../../errors.ts";
import { ownNetwork } from "../../model/resource-names.ts";
import type { ObservedEndpoint } from "../../model/networks.ts";
import { hostNameOf, linkVariable } from "../../model/host-names.ts";
import type { Conf, InstanceDefinition, LinkDefinition, Target } from "../../model/project.ts";
import { describeTarget, pointsTo } from "../select/match.ts";
import { isInOwnNetwork } from "./networks.ts";
import { sharedNetworkErrors, type SharedNetwork } from "./shared-network.ts";
import type { SelectedInstance } from "../select/selection.ts";
import type { PlacedEndpoint } from "./endpoints.ts";

/** An instance that a link may lead to: it runs already, or this plan starts it. */
export interface LinkTarget {
  readonly service: string;
  readonly instance: string;
  readonly host: string;
  /** Address in the project's network, or else the first of its networks. */
  readonly address: string;
  /** Its networks and its address in each; undefined for one in the host's network. */
  readonly endpoints?: readonly LinkEndpoint[] | undefined;
  /** It serves the zone. */
  readonly isDns: boolean;
  /** It copies the zone from another machine's DNS. */
  readonly isSecondary?: boolean;
  /** Where others than this network reach it, if it has a SERVICE_IP. */
  readonly serviceIp: string | undefined;
  /** It runs on another machine, by what the DNS has registered. */
  readonly isElsewhere?: boolean;
  /** True when this plan starts it, so that whoever links it has to wait. */
  readonly planned: boolean;
}

interface LinkEndpoint extends ObservedEndpoint {
  /** As the definition calls the network. */
  readonly key?: string;
}

export interface ResolvedLink {
  readonly name: string;
  readonly variable: string;
  /** What it points to, in words. */
  readonly to: string;
  /** Undefined: nothing that it points to runs, so the variable has to come from somewhere. */
  readonly target: LinkTarget | undefined;
  readonly warning: string | undefined;
}

/** Finds what a link leads to: of several the first, with a warning. */
export function resolveLink(
  link: LinkDefinition,
  host: string,
  candidates: readonly LinkTarget[],
): ResolvedLink {
  const targets = targetsOf(link.target, host, candidates);
  const [target] = targets;
  const warning =
    targets.length > 1 && target
      ? `${host}: the link ${link.name} leads to ${target.host}; ${describeTarget(link.target)} is also ${targets
          .slice(1)
          .map((other) => other.host)
          .join(", ")}`
      : undefined;
  const to = describeTarget(link.target);
  return { name: link.name, variable: linkVariable(link.name), to, target, warning };
}

/** Everything that a target points to, except the instance itself. */
export function targetsOf(
  target: Target,
  host: string,
  candidates: readonly LinkTarget[],
): LinkTarget[] {
  return candidates.filter(
    (candidate) =>
      candidate.host !== host && pointsTo(target, candidate.service, candidate.instance),
  );
}

/** Names in `/etc/hosts` for links: to the target's address, or to the one given by its variable. */
export function extraHosts(
  links: readonly ResolvedLink[],
  env: Readonly<Record<string, string>>,
): { name: string; address: string }[] {
  return links.flatMap(({ name, variable, target }) => {
    const address = target?.address ?? env[variable];
    return address !== undefined && isIpv4(address) ? [{ name: name.toLowerCase(), address }] : [];
  });
}

/** What a link leads to that does not run, although it is defined for this machine. */
export interface StoppedTarget {
  /** In words: "db". */
  readonly to: string;
  /** Starts it: "reyns run db". */
  readonly command: string;
}

/** Variable of a link -> the target that has to run to give it a value. One of another group runs on another machine. */
export function stoppedTargets(
  links: readonly ResolvedLink[],
  { host, definition }: SelectedInstance,
  conf: Conf,
): ReadonlyMap<string, StoppedTarget> {
  const isHere = ({ service, instance = "", group }: InstanceDefinition): boolean =>
    group === definition.group && (instance === "" || hostNameOf(service, instance) !== host);
  const own = conf.instances.filter(isHere);
  return new Map(
    links.flatMap(({ name, variable, to, target: running }) => {
      const target = definition.links.find((link) => link.name === name)?.target;
      if (running || !target) return [];
      const defined = own.find(({ service, instance = "*" }) =>
        pointsTo(target, service, instance),
      );
      return defined ? [[variable, { to, command: commandFor(target, defined, conf) }]] : [];
    }),
  );
}

function commandFor(target: Target, { service, instance }: InstanceDefinition, conf: Conf): string {
  const isAny = "service" in target && target.instance === null;
  const words = ["reyns run", service, isAny ? undefined : instance, confWord(conf)];
  return words.filter((word) => word !== undefined).join(" ");
}

function confWord({ name }: Conf): string | undefined {
  return name === "default" ? undefined : `conf=${name}`;
}

/** An instance and how it is in its networks. */
interface Reaching {
  readonly selected: SelectedInstance;
  readonly endpoints: readonly PlacedEndpoint[];
}

interface Placing extends Reaching {
  readonly isDns: boolean;
  readonly shared?: SharedNetwork | undefined;
}

/**
 * What an instance links to, and every DNS, as far as it reaches them: each with its address in a network that both are
 * in.
 */
export function reachableFrom(placed: Reaching, candidates: readonly LinkTarget[]): LinkTarget[] {
  const { links } = placed.selected.definition;
  const isAsked = ({ service, instance, isDns }: LinkTarget): boolean =>
    isDns || links.some(({ target }) => pointsTo(target, service, instance));
  return candidates.filter(isAsked).flatMap((candidate) => {
    const address = sharedAddress(placed, candidate);
    if (address === undefined) return [];
    return address === candidate.address ? candidate : { ...candidate, address };
  });
}

/** The host reaches all networks of its Engine, and is reached from them. */
function sharedAddress(
  { selected, endpoints }: Reaching,
  { address, endpoints: others }: LinkTarget,
): string | undefined {
  if (selected.properties.nethost || !others) return address;
  const own = new Set(endpoints.map(({ network }) => network.name));
  const shared = others.filter((other) => own.has(other.name) && other.address !== "");
  return (shared.find((other) => other.address === address) ?? shared[0])?.address;
}

/** What an instance wants of networks that it is not in. */
export function networkErrors(placed: Placing, candidates: readonly LinkTarget[]): ReynsError[] {
  return [
    ...linkNetworkErrors(placed, candidates),
    ...sharedNetworkErrors(placed),
    ...(placed.isDns ? dnsNetworkErrors(placed.selected) : []),
  ];
}

/** Links that lead to instances in other networks only. */
function linkNetworkErrors(
  { selected, endpoints }: Reaching,
  candidates: readonly LinkTarget[],
): ReynsError[] {
  const { host, definition, properties } = selected;
  if (!properties.linked || definition.links.length === 0) return [];
  const reachable = reachableFrom({ selected, endpoints }, candidates);
  return definition.links.flatMap(({ target }, index) => {
    const [first] = targetsOf(target, host, candidates);
    if (!first || targetsOf(target, host, reachable).length > 0) return [];
    const at = inside(definition.at, "links", index);
    const to = describeTarget(target);
    const common = commonNetwork(endpoints, first);
    return new ReynsError("INVALID_PROJECT", `${host} links to ${to}, ${reasonOf(common)}`, {
      hint: hintFor(to, common, first),
      at,
    });
  });
}

function commonNetwork(
  own: Reaching["endpoints"],
  { endpoints = [] }: LinkTarget,
): string | undefined {
  return own.find(({ network }) => endpoints.some(({ name }) => name === network.name))?.network
    .key;
}

function reasonOf(common: string | undefined): string {
  return common === undefined
    ? "with which it has no network in common"
    : `whose address in the network ${common} is the Engine's choice`;
}

function hintFor(to: string, common: string | undefined, { endpoints = [] }: LinkTarget): string {
  const order = `to start after ${to} only, use after`;
  const keys = endpoints.flatMap(({ key }) => (key === undefined ? [] : JSON.stringify(key)));
  const network = keys.length === 0 ? "one of its networks" : keys.join(" or ");
  return common === undefined
    ? `add ${network} to networks, or give both another one; ${order}`
    : `give ${to} an address there with ipv4; ${order}: its names resolve anyway`;
}

/** Instances register, and its leases are renewed, in the project's own network. */
function dnsNetworkErrors(selected: SelectedInstance): ReynsError[] {
  if (selected.properties.nethost || isInOwnNetwork(selected)) return [];
  const message = `${selected.host} is a DNS outside the project's own network`;
  const hint = `add "${ownNetwork}" to its networks; network("${ownNetwork}") has to be without external, name and driver`;
  const at = inside(selected.definition.at, "networks");
  return [invalidProject(message, hint, at)];
}
