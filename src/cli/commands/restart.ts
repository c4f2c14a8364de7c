import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { printJson } from "../../ui/output/print.ts";
import { resumeLeases } from "../../plan/dns-keeper.ts";
import { isDone, type ObservedInstance } from "../../model/observed.ts";
import { throwAll } from "../../errors.ts";
import { formerFolderErrors, lostKeysErrors } from "../../plan/checks/moved-folder.ts";
import { planRestart, withSharers } from "../../plan/lifecycle-plan.ts";
import { withoutAttached } from "../../plan/select/choose.ts";
import { patternsOf } from "../../plan/select/match.ts";
import { lockOptions, withProjectLock } from "../common/with-project-lock.ts";
import { applyPlan } from "../common/apply-plan.ts";
import { locateProject } from "../common/context.ts";
import { changedInstancesToJson } from "../common/instances-json.ts";
import { planParts, resolveInstances } from "../common/resolve-instances.ts";

export const examples: Examples = [
  ["reyns restart web", "all instances of a service"],
  ["reyns restart web one", "one instance"],
  ["reyns restart all", "every instance, in the order of dependencies"],
];

export const command = defineCommand({
  meta: {
    name: "restart",
    description:
      "Stops instances and starts them again as they are, in the order of their dependencies, and returns when each is ready. Changes of the definition are not applied: that is what run does.",
  },
  args: {
    service: args.optionalService(
      "Name of the service, a pattern, or all: the default",
      "PRESENT|all",
    ),
    instance: args.instances,
    group: args.group,
    timeout: args.timeout,
    stopTimeout: { ...args.stopTimeout, alias: "t" },
    wait: args.wait,
    jobs: args.jobs,
    json: args.json,
  },
  run: async ({ args: { service, instance, group, timeout, stopTimeout, wait, jobs, json } }) => {
    const target = {
      service,
      instance,
      group,
      example: "reyns restart demo one",
      changes: true,
    } as const;
    const seconds = args.parseSeconds(stopTimeout, "stop_timeout");
    const place = await locateProject();
    const restarted = await withProjectLock(lockOptions(place, { wait, jobs }), async (locked) => {
      const resolved = await resolveInstances(target);
      const restarting: ObservedInstance[] = [];
      const plan = await planParts(resolved, ({ chosen, instances, keeperContext }) => {
        const named = patternsOf(service ?? "");
        // A job that has succeeded runs again only when its own service is named.
        const meant = withoutAttached(chosen, { instance }).filter(
          (other) => !isDone(other) || named.includes(other.service),
        );
        const own = withSharers(meant, instances);
        throwAll([...formerFolderErrors(own, place), ...lostKeysErrors(own)]);
        restarting.push(...own);
        const steps = planRestart(own, args.parseSeconds(timeout), instances);
        return resumeLeases(steps, own, keeperContext);
      });
      await applyPlan(plan, resolved.engine, { locked, place, stopTimeout: seconds });
      return restarting;
    });
    if (json) printJson(await changedInstancesToJson(restarted));
  },
});
