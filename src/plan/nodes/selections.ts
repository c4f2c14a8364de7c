import { ReynsError } from "../../errors.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import { matches } from "../select/match.ts";
import type { Selection } from "../select/selection.ts";

/** Whether a node has something of what a call asks for. A new instance is made where its service has others. */
export function isOn(
  { service, instance, group, isNew }: Selection,
  node: string,
  { conf }: Project,
): boolean {
  if (group !== undefined && group !== node) return false;
  const isMeant = (one: InstanceDefinition): boolean =>
    one.group === node &&
    (service === "all" || matches(service, one.service)) &&
    (isNew ||
      instance === undefined ||
      one.instance === undefined ||
      matches(instance, one.instance));
  return conf.instances.some(isMeant);
}

/**
 * What a call asks for that none of its nodes has, and new instances for which it names no node.
 *
 * @param connected the nodes that the call is about
 * @param all those of the conf
 */
export function selectionErrors(
  selections: readonly Selection[],
  project: Project,
  { connected, all }: { readonly connected: readonly string[]; readonly all: readonly string[] },
): ReynsError[] {
  return selections.flatMap((selection) => {
    const on = (nodes: readonly string[]): string[] =>
      nodes.filter((node) => isOn(selection, node, project));
    const [found, places] = [on(connected), on(all)];
    if (found.length === 0 && !isEverything(selection))
      return elsewhere(describe(selection), connected, places);
    return selection.isNew && found.length > 1 ? severalPlaces(selection, found) : [];
  });
}

/** A machine may have nothing of a conf. */
function isEverything({ service, instance, group }: Selection): boolean {
  return service === "all" && instance === undefined && group === undefined;
}

function describe({ service, instance, group, isNew }: Selection): string {
  const name = [service, isNew ? undefined : instance].filter(Boolean).join(" ");
  if (group === undefined) return name;
  return service === "all" ? `the group "${group}"` : `${name} in the group "${group}"`;
}

function elsewhere(
  what: string,
  connected: readonly string[],
  places: readonly string[],
): ReynsError {
  const hint =
    places.length > 0
      ? `it belongs on ${places.join(", ")}`
      : "define it in the group of a node: group(NODE, () => service(NAME))";
  const message = `${what} is on none of the machines of this call: ${connected.join(", ")}`;
  return new ReynsError("INVALID_VALUE", message, { hint });
}

function severalPlaces({ service }: Selection, found: readonly string[]): ReynsError {
  const message = `${service} is on several machines: ${found.join(", ")}`;
  const hint = `name the one that gets the new instance: node=${found[0]}`;
  return new ReynsError("INVALID_VALUE", message, { hint });
}
