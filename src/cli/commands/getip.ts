import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { log } from "../../ui/output/log.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { sanitizeLine } from "../../ui/output/sanitize.ts";
import { ReynsError } from "../../errors.ts";
import { requireRunningInstance } from "../common/resolve-instance.ts";

export const examples: Examples = [
  ["reyns getip web one", "just its address"],
  ["curl http://$(reyns getip web)/", "inside another command"],
  ["reyns ip web json", "for a script"],
];

export const command = defineCommand({
  meta: {
    name: "getip",
    description:
      "Prints the address of an instance in the project's network, or else in the first of its networks.",
  },
  args: {
    service: args.service("Name of the service", "PRESENT"),
    instance: args.instance,
    json: args.json,
  },
  run: async ({ args: { service, instance: name, json } }) => {
    const { instance } = await requireRunningInstance({
      service,
      instance: name,
    });
    const { host, address, state } = instance;
    if (state === "paused")
      log.warn(`${host} is paused and does not answer; let it go on: reyns run all`);
    if (address === undefined)
      throw new ReynsError("NOT_RUNNING", `${host} has no address in the project's network`, {
        hint: `see its networks: reyns info ${instance.service} ${instance.instance}`,
      });
    if (json) printJson({ service: instance.service, instance: instance.instance, address });
    else print(sanitizeLine(address));
  },
});
