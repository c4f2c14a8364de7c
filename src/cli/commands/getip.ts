import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { ReynsError } from "../../errors.ts";
import { isRunning } from "../../model/observed.ts";
import { resolveInstance } from "../shared/resolve-instance.ts";

export const examples: Examples = [
  ["reyns getip web one", "its address alone"],
  ["curl http://$(reyns getip web)/", "in another command"],
  ["reyns ip web json", "for a script"],
];

export const command = defineCommand({
  meta: {
    name: "getip",
    description: "Prints the address of an instance in the project's network.",
  },
  args: {
    service: args.service("Name of the service", "PRESENT"),
    instance: args.instance,
    json: args.json,
  },
  run: async ({ args: { service, instance, json } }) => {
    const { instance: chosen } = await resolveInstance({
      service,
      instance,
      example: "reyns getip demo one",
      ask: false,
    });
    if (!isRunning(chosen) || chosen.address === undefined) {
      throw new ReynsError("NOT_RUNNING", `${chosen.host} is not running, so it has no address`, {
        hint: `start it: reyns start ${chosen.service} ${chosen.instance}`,
      });
    }
    if (json)
      printJson({
        service: chosen.service,
        instance: chosen.instance,
        address: chosen.address,
      });
    else print(chosen.address);
  },
});
