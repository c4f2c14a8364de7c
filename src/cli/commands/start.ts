import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { printJson } from "../../ui/output/print.ts";
import { log } from "../../ui/output/log.ts";
import { resumeLeases } from "../../plan/dns-keeper.ts";
import { throwAll } from "../../errors.ts";
import { formerFolderErrors, lostKeysErrors } from "../../plan/checks/moved-folder.ts";
import { planStart, withSharers } from "../../plan/lifecycle-plan.ts";
import { isDone, isRunning, type ObservedInstance } from "../../model/observed.ts";
import { lockOptions, withProjectLock } from "../common/with-project-lock.ts";
import { applyPlan } from "../common/apply-plan.ts";
import { locateProject } from "../common/context.ts";
import { changedInstancesToJson } from "../common/instances-json.ts";
import { planParts, resolveInstances } from "../common/resolve-instances.ts";

export const examples: Examples = [
  ["reyns start web one", "one instance"],
  ["reyns start all", "every stopped instance"],
  ["reyns start all timeout=300", "with more time to become ready"],
];

export const command = defineCommand({
  meta: {
    name: "start",
    description:
      "Starts stopped instances again as they were, lets paused ones go on, and registers their names.",
  },
  args: {
    service: args.optionalService(
      "Name of the service, a pattern, or all: the default",
      "PRESENT|all",
    ),
    instance: args.instances,
    group: args.group,
    timeout: args.timeout,
    wait: args.wait,
    jobs: args.jobs,
    json: args.json,
  },
  run: async ({ args: { service, instance, group, timeout, wait, jobs, json } }) => {
    const target = {
      service,
      instance,
      group,
      example: "reyns start demo one",
      changes: true,
    } as const;
    const place = await locateProject();
    const lock = lockOptions(place, { wait, jobs });
    const { chosen: found, started } = await withProjectLock(lock, async (locked) => {
      const resolved = await resolveInstances(target);
      const starting: ObservedInstance[] = [];
      const plan = await planParts(resolved, ({ chosen, instances, keeperContext }) => {
        const own = withStopped(chosen, instances);
        const stopped = own.filter(isStopped);
        throwAll([...formerFolderErrors(stopped, place), ...lostKeysErrors(stopped)]);
        starting.push(...own);
        const steps = planStart(own, args.parseSeconds(timeout), instances);
        return resumeLeases(steps, own, keeperContext);
      });
      await applyPlan(plan, resolved.engine, { locked, place });
      return { chosen: resolved.chosen, started: starting };
    });
    if (json) return printJson(await changedInstancesToJson(started));
    if (started.length > 0) return;
    const of = group === undefined ? "" : ` of the group "${group}"`;
    log.info(
      `nothing to start: ${found.length > 0 ? "everything is running" : `no instance${of} is here`}`,
    );
  },
});

/** Those that can be started, with what shares the networks of those that are stopped. */
function withStopped(
  chosen: readonly ObservedInstance[],
  instances: readonly ObservedInstance[],
): ObservedInstance[] {
  const meant = chosen.filter((observed) => isStartable(observed) && !isDone(observed));
  const stopped = meant.filter(isStopped);
  return [...meant, ...withSharers(stopped, instances).slice(stopped.length)];
}

function isStopped(instance: ObservedInstance): boolean {
  return !isRunning(instance);
}

function isStartable(instance: ObservedInstance): boolean {
  return isStopped(instance) || instance.state === "paused";
}
