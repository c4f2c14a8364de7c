import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { instanceJson, instanceTable } from "../../ui/views/instances.ts";
import { print, printJson, say } from "../../ui/output/print.ts";
import { lookAtOutput } from "../../ui/output/style.ts";
import { observeEverything } from "../../runtime/observe/containers.ts";
import { isRunning } from "../../model/observed.ts";
import { connectEngine, listInstances, withEngineNotice } from "../shared/context.ts";

export const examples: Examples = [
  ["reyns ps", "running instances"],
  ["reyns ps all", "stopped ones as well"],
  ["reyns ps json", "for a script"],
];

export const command = defineCommand({
  meta: {
    name: "ps",
    description:
      "Lists the project's running instances; with all, also stopped ones; with reallyall, every container on the Engine.",
  },
  args: {
    all: { type: "boolean", alias: "a", description: "Also list stopped instances" },
    reallyall: {
      type: "boolean",
      description: "List every container on the Engine, including other people's",
    },
    json: args.json,
  },
  run: async ({ args: { all, reallyall, json } }) => {
    const [instances] = await Promise.all([
      reallyall
        ? withEngineNotice(observeEverything(await connectEngine()))
        : listInstances().then((listed) => listed.instances),
      lookAtOutput("stdout"),
    ]);
    const shown = all || reallyall ? instances : instances.filter(isRunning);
    if (json) return printJson(shown.map(instanceJson));
    if (shown.length > 0) return print(instanceTable(shown));
    const stopped = instances.length - shown.length;
    say(
      stopped > 0
        ? `nothing is running; ${stopped} stopped: reyns ps all`
        : "nothing is running: reyns run all",
    );
  },
});
