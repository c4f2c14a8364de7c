import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { printJson } from "../../ui/output/print.ts";
import { log } from "../../ui/output/log.ts";
import { dropLeases } from "../../plan/dns-keeper.ts";
import { planStop } from "../../plan/lifecycle-plan.ts";
import { isRunning } from "../../model/observed.ts";
import { lockOptions, withProjectLock } from "../common/with-project-lock.ts";
import { applyPlan } from "../common/apply-plan.ts";
import { locateProject } from "../common/context.ts";
import { changedInstancesToJson } from "../common/instances-json.ts";
import { planParts, resolveInstances } from "../common/resolve-instances.ts";

export const examples: Examples = [
  ["reyns stop web one", "one instance"],
  ["reyns stop all", "every instance"],
  ["reyns stop web timeout=60", "with a minute to end, before it is killed"],
  ['reyns stop "web*"', "all services that match a pattern"],
];

export const command = defineCommand({
  meta: {
    name: "stop",
    description:
      "Stops running instances and keeps them, with everything in them. Start them again with: reyns start.",
  },
  args: {
    service: args.optionalService(
      "Name of the service, a pattern, or all: the default",
      "PRESENT|all",
    ),
    instance: args.instances,
    group: args.group,
    stopTimeout: args.stopTimeout,
    wait: args.wait,
    jobs: args.jobs,
    json: args.json,
  },
  run: async ({ args: { service, instance, group, stopTimeout, wait, jobs, json } }) => {
    const target = {
      service,
      instance,
      group,
      example: "reyns stop demo one",
      changes: true,
    } as const;
    const seconds = args.parseSeconds(stopTimeout, "timeout");
    const place = await locateProject();
    const stopped = await withProjectLock(lockOptions(place, { wait, jobs }), async (locked) => {
      const resolved = await resolveInstances(target);
      const steps = await planParts(resolved, ({ chosen, instances, keeperContext }) => {
        const stopping = chosen.filter(isRunning);
        return dropLeases(planStop(stopping, instances), stopping, keeperContext);
      });
      await applyPlan(steps, resolved.engine, { locked, place, stopTimeout: seconds });
      return resolved.chosen.filter(isRunning);
    });
    if (json) return printJson(await changedInstancesToJson(stopped));
    const of = group === undefined ? "" : ` of the group "${group}"`;
    if (stopped.length === 0) log.info(`nothing to stop: nothing${of} is running`);
  },
});
