import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { actOnInstances } from "../common/act-on-instances.ts";

export const examples: Examples = [
  ["reyns unpause worker", "all instances of a service"],
  ["reyns unpause web one", "one instance"],
  ["reyns unpause all", "every paused instance"],
];

export const command = defineCommand({
  meta: {
    name: "unpause",
    description: "Lets paused instances continue where they were.",
  },
  args: {
    service: args.optionalService("Name of the service, a pattern, or all", "PRESENT|all"),
    instance: args.instances,
    group: args.group,
    json: args.json,
  },
  run: ({ args: { service, instance, group, json } }) => {
    const target = { service, instance, group, example: "reyns unpause worker" };
    return actOnInstances(target, {
      action: { kind: "unpause" },
      states: ["paused"],
      done: "continues",
      nothing: "nothing is paused",
      json,
    });
  },
});
