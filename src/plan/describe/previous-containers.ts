import { isRunning, isSetAside, type ObservedInstance } from "../../model/observed.ts";
import type { StartInstance } from "../../model/steps.ts";
import { departure } from "../departure.ts";
import type { Placed } from "../resolve/placement.ts";
import { swarmOf } from "../select/selection.ts";
import type { DescribeContext } from "./described-start.ts";

type PreviousContainers = Pick<
  StartInstance,
  "removes" | "removesService" | "predecessor" | "formerHooks" | "departing"
>;

/** How a container leaves in whose place a service comes. */
function departureOf(
  existing: ObservedInstance,
  { instances }: DescribeContext["observed"],
): Pick<StartInstance, "formerHooks" | "departing"> {
  const { hooks, deregister, router } = departure(existing, [existing], instances, "");
  return {
    ...(hooks === undefined ? {} : { formerHooks: hooks }),
    departing: { deregister, ...(router === undefined ? {} : { router }) },
  };
}

/** The container to go back to if the new one does not become ready, and the one that is of no use any more. */
export function previousContainers(
  { existing, selected }: Placed,
  { observed }: DescribeContext,
): PreviousContainers {
  if (!existing) return { removes: undefined, predecessor: undefined };
  const isService = existing.swarm !== undefined;
  // Swarm updates its service itself; what is no service yet, or no more, makes way first.
  if (isService !== (swarmOf(selected) !== undefined))
    return {
      removes: existing.id,
      predecessor: undefined,
      ...(isService ? { removesService: true } : departureOf(existing, observed)),
    };
  if (isService) return { removes: undefined, predecessor: existing.id };
  const isUp = isRunning(existing) && existing.state !== "restarting";
  const serves = (isUp || isSetAside(existing)) && !existing.isJob;
  // A temporary volume cannot be emptied while a container has it, even a stopped one.
  const isKept = serves && selected.session === undefined && existing.temporaryVolume === undefined;
  const own = isKept ? existing.id : undefined;
  const predecessor = existing.predecessor ?? own;
  const removes = predecessor === existing.id ? undefined : existing.id;
  const { hooks: formerHooks } = existing;
  return { removes, predecessor, ...(formerHooks === undefined ? {} : { formerHooks }) };
}
