import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { waitForAll, type Exit } from "../../runtime/observe/exit.ts";
import { log } from "../../ui/output/log.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { sanitizeLine } from "../../ui/output/sanitize.ts";
import { resolveInstances } from "../common/resolve-instances.ts";

export const examples: Examples = [
  ["reyns wait import", "prints its exit status, and exits with it"],
  ['reyns wait "worker*"', "until all of them have ended"],
  ["reyns wait import json", "for a script"],
];

export const command = defineCommand({
  meta: {
    name: "wait",
    description:
      "Waits until instances have ended, prints the exit status of each, and exits with the first one that is not 0. To wait until instances are ready there is nothing to do: run and start return then.",
  },
  args: {
    service: args.optionalService("Name of the service, a pattern, or all", "PRESENT|all"),
    instance: args.instances,
    group: args.group,
    json: args.json,
  },
  run: async ({ args: { service, instance, group, json } }) => {
    const example = "reyns wait import";
    const target = { service, instance, group, example, onContainers: true } as const;
    const { engine, chosen } = await resolveInstances(target);
    const exits: Exit[] = [];
    await waitForAll(engine, chosen, (exit) => {
      exits.push(exit);
      if (!json) print(formatExit(exit, chosen.length === 1));
    });
    if (json) printJson(exits.map(toJson));
    if (chosen.length === 0) log.info("nothing to wait for");
    return exits.map(({ status = 1 }) => status).find((status) => status !== 0) ?? 0;
  },
});

/** One instance's status alone, for scripts. */
function formatExit({ instance, status }: Exit, isOnly: boolean): string {
  const text = status === undefined ? "removed" : String(status);
  return isOnly ? text : `${sanitizeLine(instance.host)} ${text}`;
}

function toJson({ instance, status }: Exit): object {
  return { service: instance.service, instance: instance.instance, exitCode: status ?? null };
}
