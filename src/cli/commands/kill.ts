import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { parseSignal } from "../args/signal.ts";
import { actOnInstances } from "../common/act-on-instances.ts";

export const examples: Examples = [
  ["reyns kill web signal=HUP", "reloads what reloads on SIGHUP"],
  ["reyns kill web one", "ends an instance at once"],
  ["reyns kill all signal=USR1", "every running instance"],
];

export const command = defineCommand({
  meta: {
    name: "kill",
    description:
      "Sends a signal to the main process of running instances: SIGKILL, unless told otherwise. To end instances in an orderly way: reyns stop.",
  },
  args: {
    service: args.optionalService(
      "Name of the service, a pattern, or all: the default",
      "PRESENT|all",
    ),
    instance: args.instances,
    group: args.group,
    signal: {
      type: "string",
      alias: "s",
      valueHint: "SIGNAL",
      description: "Name or number of the signal (default SIGKILL)",
    },
    json: args.json,
  },
  run: ({ args: { service, instance, group, signal, json } }) => {
    const name = parseSignal(signal ?? "SIGKILL");
    const target = { service, instance, group, example: "reyns kill web signal=HUP" };
    return actOnInstances(target, {
      action: { kind: "kill", signal: name },
      states: ["running", "paused"],
      done: `received ${name}`,
      nothing: "nothing to signal: nothing is running",
      json,
    });
  },
});
