import { describeStart } from "./describe.ts";
import type { DescribedStart, PlanContext } from "./described-start.ts";
import { imageOf, isDnsImage } from "../resolve/images.ts";
import type { SettingsSources } from "../resolve/registration.ts";
import type { PlannedNetworks } from "../resolve/networks.ts";
import { candidatesOf, placeInstances, type Action } from "../resolve/placement.ts";
import type { SelectedInstance } from "../select/selection.ts";
import type { ObservedInstance } from "../../model/observed.ts";

/** What the description of a whole run depends on. */
export interface RunContext extends PlanContext {
  /** Run a legacy conf as a graph instead of in sequence. */
  readonly parallel: boolean;
}

interface DescribeAllContext extends RunContext {
  readonly networks: PlannedNetworks;
  readonly actionFor: (
    selected: SelectedInstance,
    existing: ObservedInstance | undefined,
  ) => Action;
  /** In a sequence an instance links to nothing that comes later, even where that runs already. */
  readonly strictSequence?: boolean;
}

/** Describes each selected instance completely: address, links, environment, dependencies. */
export function describeAll(
  selected: readonly SelectedInstance[],
  context: DescribeAllContext,
): DescribedStart[] {
  const placed = placeInstances(selected, context);
  const candidates = candidatesOf(placed, context);
  const whole = { ...context, settingsSources: settingsSourcesOf(context) };
  if (!isSequential(context))
    return placed.map((instance) => describeStart(instance, whole, candidates));
  return placed.map((instance, index) => {
    const later = new Set(placed.slice(index).map((other) => other.selected.host));
    const isReachable = ({ host, planned }: (typeof candidates)[number]): boolean =>
      !later.has(host) || !(planned || context.strictSequence);
    return describeStart(instance, whole, candidates.filter(isReachable));
  });
}

/** The project's DNS runs here, or is defined for here or for another node. */
function settingsSourcesOf({ project, observed, sources }: PlanContext): SettingsSources {
  const definitions = project.conf.instances.filter((definition) =>
    isDnsImage(project, imageOf(project, definition), observed),
  );
  return { instances: observed.instances, definitions, sources };
}

/** The order of a legacy conf is its contract. */
export function isSequential({
  project,
  parallel,
}: Pick<RunContext, "project" | "parallel">): boolean {
  return project.conf.sequential && !parallel;
}
