import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { instanceJson, instanceTable } from "../../ui/views/instances.ts";
import { print, printJson, say } from "../../ui/output/print.ts";
import { lookAtOutput } from "../../ui/output/style.ts";
import { runningStates, type ObservedInstance } from "../../model/observed.ts";
import { everyContainer } from "../shared/all-containers.ts";
import { listInstances } from "../shared/context.ts";

export const examples: Examples = [
  ["reyns ps", "what runs"],
  ["reyns ps all", "stopped ones as well"],
  ["reyns ps json", "for a script"],
];

export const command = defineCommand({
  meta: {
    name: "ps",
    description:
      "Lists the instances of the project that run; with all also stopped ones, with reallyall every container on the Engine.",
  },
  args: {
    all: { type: "boolean", alias: "a", description: "Also stopped ones" },
    reallyall: { type: "boolean", description: "Every container on the Engine, whoever made it" },
    json: args.json,
  },
  run: async ({ args: { all, reallyall, json } }) => {
    const [instances] = await Promise.all([
      reallyall ? everyContainer() : listInstances().then((found) => found.instances),
      lookAtOutput("stdout"),
    ]);
    // In a loop, as all that is done for each instance of a list.
    const shown: ObservedInstance[] = [];
    for (const instance of instances)
      if (all || reallyall || runningStates.has(instance.state)) shown.push(instance);
    if (json) return printJson(shown.map(instanceJson));
    if (shown.length > 0) return print(instanceTable(shown));
    const stopped = instances.length - shown.length;
    const more = stopped > 0 ? `; ${stopped} stopped: reyns ps all` : ": reyns run all";
    say(`nothing is running${more}`);
  },
});
