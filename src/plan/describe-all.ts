import type { Project } from "../project/types.ts";
import { describeStart, type DescribedStart, type Surroundings } from "./describe-start.ts";
import { candidatesOf, placeInstances } from "./placement.ts";
import type { Wanted } from "./select.ts";

/** What the description of a whole run depends on. */
export interface RunSurroundings extends Surroundings {
  /** Run a legacy conf as a graph, too. */
  readonly parallel: boolean;
  /** Running instances are removed first and run again. */
  readonly again: boolean;
}

/** Each wanted instance in its surroundings: address, links, environment, and whom it waits for. */
export function describeAll(
  wanted: readonly Wanted[],
  surroundings: RunSurroundings & { readonly subnet: string },
): DescribedStart[] {
  const placed = placeInstances(wanted, surroundings);
  const all = candidatesOf(placed, surroundings);
  return placed.map((one, index) => {
    const later = new Set(placed.slice(index).map(({ wanted: { host } }) => host));
    // In a sequence an instance can only lead to those before it, or to what runs anyway.
    const reachable = isSequential(surroundings)
      ? all.filter(({ host, planned }) => !planned || !later.has(host))
      : all;
    return describeStart(one, surroundings, reachable);
  });
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
