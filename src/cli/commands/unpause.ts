import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import type { ObservedInstance } from "../../model/observed.ts";
import { routerFor } from "../../plan/departure.ts";
import { planStart } from "../../plan/lifecycle-plan.ts";
import { actOnInstances } from "../common/act-on-instances.ts";
import { applyPlan } from "../common/apply-plan.ts";
import type { ResolvedInstances } from "../common/resolve-instances.ts";
import { lockOptions, withProjectLock } from "../common/with-project-lock.ts";

export const examples: Examples = [
  ["reyns unpause worker", "all instances of a service"],
  ["reyns unpause web one", "one instance"],
  ["reyns unpause all", "every paused instance"],
];

export const command = defineCommand({
  meta: {
    name: "unpause",
    description:
      "Lets paused instances continue where they were. One with a route gets requests again when it is ready.",
  },
  args: {
    service: args.optionalService(
      "Name of the service, a pattern, or all: the default",
      "PRESENT|all",
    ),
    instance: args.instances,
    group: args.group,
    json: args.json,
  },
  run: ({ args: { service, instance, group, json } }) => {
    const target = { service, instance, group, example: "reyns unpause worker" };
    return actOnInstances(target, {
      action: { kind: "unpause" },
      states: ["paused"],
      done: "continues",
      nothing: "nothing is paused",
      json,
      afterwards: routeAgain,
    });
  },
});

/** A router sends requests to an instance again when that is ready: `pause` has kept them from it. */
async function routeAgain(
  changed: readonly ObservedInstance[],
  { engine, place, instances }: ResolvedInstances,
): Promise<void> {
  // It may have been paused as well.
  const all = instances.map((one) => (changed.includes(one) ? { ...one, state: "running" } : one));
  const routed = changed.filter(
    (one) => !one.isRouter && routerFor(one, all, []).router !== undefined,
  );
  if (routed.length === 0) return;
  await withProjectLock(lockOptions(place), (locked) =>
    applyPlan(planStart(routed, undefined, all), engine, { locked, place }),
  );
}
