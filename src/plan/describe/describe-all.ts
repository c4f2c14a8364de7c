import type { InstanceDefinition, Project } from "../../model/project.ts";
import { describeStart, type DescribedStart, type PlanContext } from "./describe.ts";
import { isDnsImage } from "../resolve/images.ts";
import type { SettingsSources } from "../resolve/registration.ts";
import { candidatesOf, placeInstances } from "../resolve/placement.ts";
import type { SelectedInstance } from "../select/select.ts";

/** What the description of a whole run depends on. */
export interface RunContext extends PlanContext {
  /** Run a legacy conf as a graph, too. */
  readonly parallel: boolean;
  /** Running instances are removed first and run recreate. */
  readonly recreate: boolean;
}

/** Each selected instance in its surroundings: address, links, environment, and whom it waits for. */
export function describeAll(
  selected: readonly SelectedInstance[],
  surroundings: RunContext & { readonly subnet: string },
): DescribedStart[] {
  const placed = placeInstances(selected, surroundings);
  const all = candidatesOf(placed, surroundings);
  const whole = { ...surroundings, settingsSources: settingsSourcesOf(surroundings) };
  if (!isSequential(surroundings)) return placed.map((one) => describeStart(one, whole, all));
  return placed.map((one, index) => {
    // In a sequence an instance can only lead to those before it, or to what runs anyway.
    const later = new Set(placed.slice(index).map(({ selected: { host } }) => host));
    const reachable = all.filter(({ host, planned }) => !planned || !later.has(host));
    return describeStart(one, whole, reachable);
  });
}

/** The DNS of the project runs here, or is defined for here or for another node. */
function settingsSourcesOf({ project, observed, sources }: PlanContext): SettingsSources {
  const isDns = ({ service, image }: InstanceDefinition): boolean =>
    isDnsImage(project, image ?? project.services.get(service)?.image ?? service, observed);
  const definitions = project.conf.instances.filter(isDns);
  return { instances: observed.instances, definitions, sources };
}

/** A legacy conf's order is its contract. */
export function isSequential({
  project,
  parallel,
}: {
  readonly project: Project;
  readonly parallel: boolean;
}): boolean {
  return project.conf.sequential && !parallel;
}
