import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { actOnInstances } from "../common/act-on-instances.ts";

export const examples: Examples = [
  ["reyns pause worker", "all instances of a service"],
  ["reyns pause web one", "one instance"],
  ["reyns pause all", "every running instance"],
];

export const command = defineCommand({
  meta: {
    name: "pause",
    description:
      "Freezes all processes of running instances: they keep their memory and their connections, and answer nothing. One with a route first ends the requests that it has, for up to 10 s, and gets no new ones. Let them continue with: reyns unpause.",
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
    const target = { service, instance, group, example: "reyns pause worker" };
    return actOnInstances(target, {
      action: { kind: "pause" },
      states: ["running"],
      done: "paused",
      nothing: "nothing to pause: nothing is running",
      json,
    });
  },
});
