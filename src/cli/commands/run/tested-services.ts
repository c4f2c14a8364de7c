import { inside, ReynsError } from "../../../errors.ts";
import { selectInstances } from "../../../plan/select/select.ts";
import type { RunOptions } from "./options.ts";

/**
 * The services of Docker Swarm that a run by receipt would start on several machines. Docker puts their tasks on any of
 * these, and gives a new one the image that this has by then.
 */
export function testedServiceErrors({
  project,
  selections,
}: Pick<RunOptions, "project" | "selections">): ReynsError[] {
  const selected = selections.flatMap((selection) => selectInstances(project, selection));
  const definitions = new Set(selected.map(({ definition }) => definition));
  return [...definitions].flatMap(({ service, swarm, at }) => {
    if (!swarm) return [];
    const message = `${service} is a service of Docker Swarm, whose tasks a receipt cannot hold to one image on several machines`;
    const hint = "leave out swarm, or run without receipt=";
    return [new ReynsError("INVALID_PROJECT", message, { hint, at: inside(at, "swarm") })];
  });
}
