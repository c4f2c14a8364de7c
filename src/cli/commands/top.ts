import { defineCommand } from "citty";
import { startCall } from "../../model/copy-origin.ts";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { isRunning } from "../../model/observed.ts";
import { observeProcesses, type InstanceProcesses } from "../../runtime/observe/processes.ts";
import { log } from "../../ui/output/log.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { sanitizeLine } from "../../ui/output/sanitize.ts";
import { formatTable } from "../../ui/output/table.ts";
import { withEngineNotice } from "../common/context.ts";
import { resolveInstances } from "../common/resolve-instances.ts";

export const examples: Examples = [
  ["reyns top", "the processes of all instances"],
  ["reyns top web one", "of one instance"],
  ["reyns top json", "for a script"],
];

export const command = defineCommand({
  meta: {
    name: "top",
    description:
      "Lists the processes of running instances, of any image. What Supervisor says of them: reyns status.",
  },
  args: {
    service: args.optionalService("Name of the service, a pattern, or all", "PRESENT|all"),
    instance: args.instances,
    group: args.group,
    json: args.json,
  },
  run: async ({ args: { service = "all", instance, group, json } }) => {
    const example = "reyns top web";
    const target = { service, instance, group, example, onContainers: true } as const;
    const { engine, place, chosen } = await resolveInstances(target);
    const running = chosen.filter(isRunning);
    const observed = await withEngineNotice(observeProcesses(engine, running));
    if (json) return printJson(observed.map(toJson));
    if (observed.length === 0) return log.info(`nothing is running: ${startCall(place)}`);
    print(observed.map(formatProcesses).join("\n\n"));
  },
});

function formatProcesses({ instance, table: { titles, rows } }: InstanceProcesses): string {
  const columns = titles.map((title, index) => ({ title, shrinks: index === titles.length - 1 }));
  return `${sanitizeLine(instance.host)}\n${formatTable(columns, rows)}`;
}

function toJson({ instance, table: { titles, rows } }: InstanceProcesses): object {
  return {
    service: instance.service,
    instance: instance.instance,
    processes: rows.map((row) =>
      Object.fromEntries(titles.map((title, index) => [title.toLowerCase(), row[index] ?? ""])),
    ),
  };
}
