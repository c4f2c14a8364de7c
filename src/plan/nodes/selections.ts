import { ReynsError } from "../../errors.ts";
import { callFor } from "../../model/copy-origin.ts";
import type { InstanceDefinition, Project } from "../../model/project.ts";
import { matches } from "../select/match.ts";
import type { Selection } from "../select/selection.ts";

/** Whether a node has something of what a call asks for. A new instance is made where its service has others. */
export function isOn(selection: Selection, node: string, { conf }: Project): boolean {
  const { group } = selection;
  if (group !== undefined && group !== node) return false;
  return conf.instances.some((one) => isAsked(selection, one, node));
}

/** Whether a call asks for an instance, and that is in the group of a node. */
function isAsked(
  { service, instance, isNew }: Selection,
  definition: InstanceDefinition,
  node: string,
): boolean {
  return (
    definition.group === node &&
    (service === "all" || matches(service, definition.service)) &&
    (isNew ||
      instance === undefined ||
      definition.instance === undefined ||
      matches(instance, definition.instance))
  );
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

/**
 * Groups of which a call asks for services of Docker Swarm only: these are planned on a manager, whatever their group is.
 *
 * @param project as it is defined
 * @param manager the node that plans services; undefined where none does
 */
export function serviceGroupErrors(
  selections: readonly Selection[],
  { conf, origin }: Project,
  manager: string | undefined,
): ReynsError[] {
  return selections.flatMap((selection) => {
    const { group } = selection;
    if (group === undefined || group === manager) return [];
    const meant = conf.instances.filter((one) => isAsked(selection, one, group));
    if (meant.length === 0 || meant.some(({ swarm }) => swarm === undefined)) return [];
    const names = [...new Set(meant.map(({ service }) => service))];
    const what = `Swarm services only: ${names.join(", ")}`;
    const message =
      selection.service === "all"
        ? `the group "${group}" has ${what}`
        : `${describe(selection)} means ${what}`;
    const hint = `a manager of the swarm plans these for all machines: leave out group=, and name them: ${callFor(origin, `reyns run ${names.join(",")}`)}`;
    return new ReynsError("INVALID_VALUE", message, { hint });
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
