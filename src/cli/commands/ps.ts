import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { instanceToJson, formatInstances } from "../../ui/views/instances.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { log } from "../../ui/output/log.ts";
import { observeAllContainers } from "../../runtime/observe/containers.ts";
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
    const instances = reallyall
      ? await withEngineNotice(observeAllContainers(await connectEngine()))
      : (await listInstances()).instances;
    const shown = all || reallyall ? instances : instances.filter(isRunning);
    if (json) return printJson(shown.map(instanceToJson));
    if (shown.length > 0) return print(formatInstances(shown));
    const stopped = instances.length - shown.length;
    log.info(
      stopped > 0
        ? `nothing is running; ${stopped} stopped: reyns ps all`
        : "nothing is running: reyns run all",
    );
  },
});
