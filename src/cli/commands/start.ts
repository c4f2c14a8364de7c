import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { instanceJson } from "../../ui/views/instances.ts";
import { printJson, say } from "../../ui/output/print.ts";
import { withLeases } from "../../plan/dns-keeper.ts";
import { planRestart } from "../../plan/lifecycle-plan.ts";
import { isRunning } from "../../model/observed.ts";
import { changing } from "../shared/with-project-lock.ts";
import { perform } from "../shared/apply-plan.ts";
import { callersPlace } from "../shared/context.ts";
import { asTheyAreNow, theInstances } from "../shared/resolve-instances.ts";

export const examples: Examples = [
  ["reyns start web one", "one instance"],
  ["reyns start all", "everything that is stopped"],
  ["reyns start all timeout=300", "with more time to be ready"],
];

export const command = defineCommand({
  meta: {
    name: "start",
    description: "Starts stopped instances again, as they were, and makes their names known.",
  },
  args: {
    service: args.service("Name of the service, a pattern, or all", "PRESENT|all"),
    instance: args.instances,
    group: args.group,
    timeout: args.timeout,
    wait: args.wait,
    jobs: args.jobs,
    json: args.json,
  },
  run: async ({ args: { service, instance, group, timeout, wait, jobs, json } }) => {
    const wanted = { service, instance, group, example: "reyns start demo one" };
    const { folder } = await callersPlace();
    const settings = { folder, wait: args.seconds(wait, "wait"), jobs: args.jobsOf(jobs) };
    const stopped = await changing(settings, async (change) => {
      const { engine, chosen, scene } = await theInstances(wanted);
      const starting = chosen.filter((one) => !isRunning(one));
      const steps = planRestart(starting, args.seconds(timeout));
      await perform(withLeases(steps, starting, scene), engine, { change, folder });
      return starting;
    });
    if (json) return printJson((await asTheyAreNow(stopped)).map(instanceJson));
    if (stopped.length === 0) say("nothing was stopped");
  },
});
