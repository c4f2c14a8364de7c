import { defineCommand } from "citty";
import * as args from "../cli/args.ts";
import type { Examples } from "../cli/help.ts";
import { instanceJson } from "../cli/instances.ts";
import { printJson, say } from "../cli/print.ts";
import { withoutLeases } from "../plan/keeper.ts";
import { planStop } from "../plan/lifecycle-plan.ts";
import { isRunning } from "../plan/observed.ts";
import { perform } from "./perform.ts";
import { asTheyAreNow, theInstances } from "./the-instances.ts";

export const examples: Examples = [
  ["reyns stop web one", "one instance"],
  ["reyns stop all", "everything, for today"],
  ['reyns stop "web*"', "all that fit a pattern"],
];

export const command = defineCommand({
  meta: {
    name: "stop",
    description:
      "Stops running instances; they stay, with all that is in them, and start again with: reyns start.",
  },
  args: {
    service: args.service("Name of the service, a pattern, or all", "PRESENT|all"),
    instance: args.instance,
    group: args.group,
    json: args.json,
  },
  run: async ({ args: { service, instance, group, json } }) => {
    const { engine, place, chosen, all, scene } = await theInstances({
      service,
      instance,
      group,
      example: "reyns stop demo one",
    });
    const running = chosen.filter(isRunning);
    await perform(withoutLeases(planStop(running, all), running, scene), engine, place);
    if (json) return printJson((await asTheyAreNow(running)).map(instanceJson));
    if (running.length === 0) say("nothing was running");
  },
});
