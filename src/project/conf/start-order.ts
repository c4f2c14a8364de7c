import { definedHostOf, linkVariable } from "../../model/host-names.ts";
import type { Conf, InstanceDefinition, LinkDefinition } from "../../model/project.ts";
import { routerService } from "../../model/routes.ts";
import { pointsAt } from "./link-targets.ts";

/** For each instance the ones that start before it, by their places in the list. */
type Waits = readonly Set<number>[];

/**
 * Puts the instances of a conf into an order in which each one waits for earlier ones only. A conf ignores links to later
 * instances; in a `reyns.ts`, an instance waits for all its links, for the DNS, and for the router of its routes. A link
 * that closes a circle becomes the variable that it sets, which the first run of the conf requires as well.
 */
export function inStartOrder({ name, instances }: Conf, notes: string[]): InstanceDefinition[] {
  const waits = builtInWaits(instances);
  const links = instances.flatMap((instance, from) => placedLinks(instance, from, instances));
  const [earlier, later] = [links.filter(isEarlier), links.filter((link) => !isEarlier(link))];
  const closing = [...earlier, ...later].filter(({ from, to }) => !addWait(waits, from, to));
  const isClosing = (link: LinkDefinition): boolean => closing.some((each) => each.link === link);
  const noteMove = (moved: InstanceDefinition, before: InstanceDefinition): void => {
    const reason = isRouter(moved) ? "which it routes" : "which links to it";
    const [host, other] = [definedHostOf(moved), definedHostOf(before)];
    notes.push(`${name}: ${host} starts before ${other}, ${reason}`);
  };
  return sortByWaits(instances, waits, noteMove).map((instance) => {
    for (const link of instance.links.filter(isClosing))
      notes.push(
        `${name}: the link ${link.name} of ${definedHostOf(instance)} would close a circle: it is only the required variable ${linkVariable(link.name)} now`,
      );
    return withoutLinks(instance, isClosing);
  });
}

const isRouter = ({ service }: InstanceDefinition): boolean => service === routerService;

export const isDns = ({ service }: InstanceDefinition): boolean =>
  /^(reyns|dockerops)-dns$/.test(service);

function builtInWaits(instances: readonly InstanceDefinition[]): Waits {
  const placesOf = (is: (instance: InstanceDefinition) => boolean): number[] =>
    instances.flatMap((instance, index) => (is(instance) ? index : []));
  const [servers, routers] = [placesOf(isDns), placesOf(isRouter)];
  return instances.map((instance) => {
    if (isDns(instance)) return new Set();
    const isRouted = !isRouter(instance) && (instance.routes ?? []).length > 0;
    return new Set([...servers, ...(isRouted ? routers : [])]);
  });
}

interface PlacedLink {
  readonly link: LinkDefinition;
  readonly from: number;
  /** Of several instances the first that is earlier, else the first. */
  readonly to: number;
}

function placedLinks(
  { links, properties }: InstanceDefinition,
  from: number,
  instances: readonly InstanceDefinition[],
): PlacedLink[] {
  if (properties.linked === false) return [];
  return links.flatMap((link) => {
    const to = instances.findIndex(
      (other, index) => index !== from && pointsAt(link.target, other),
    );
    return to < 0 ? [] : { link, from, to };
  });
}

const isEarlier = ({ from, to }: PlacedLink): boolean => to < from;

/** False, and nothing is added, where the other one waits for this one. */
function addWait(waits: Waits, from: number, to: number): boolean {
  const before = new Set([to]);
  // What is added while a set is read is read, too.
  for (const index of before) for (const next of waits[index] ?? []) before.add(next);
  if (before.has(from)) return false;
  waits[from]?.add(to);
  return true;
}

/** Keeps the order as far as the waits allow. */
function sortByWaits(
  instances: readonly InstanceDefinition[],
  waits: Waits,
  onMove: (moved: InstanceDefinition, before: InstanceDefinition) => void,
): InstanceDefinition[] {
  const sorted = new Set<InstanceDefinition>();
  const place = (index: number): void => {
    const instance = instances[index];
    if (!instance || sorted.has(instance)) return;
    for (const next of waits[index] ?? []) {
      const other = instances[next];
      if (other && next > index && !sorted.has(other)) onMove(other, instance);
      place(next);
    }
    sorted.add(instance);
  };
  for (const index of instances.keys()) place(index);
  return [...sorted];
}

function withoutLinks(
  instance: InstanceDefinition,
  isLeftOut: (link: LinkDefinition) => boolean,
): InstanceDefinition {
  const required = { kind: "required", secret: false, description: undefined } as const;
  const variables = instance.links
    .filter(isLeftOut)
    .map(({ name }) => [linkVariable(name), required] as const);
  return {
    ...instance,
    links: instance.links.filter((link) => !isLeftOut(link)),
    env: { ...Object.fromEntries(variables), ...instance.env },
  };
}
