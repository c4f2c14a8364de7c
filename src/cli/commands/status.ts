import { defineCommand } from "citty";
import { startCall } from "../../model/copy-origin.ts";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { formatInstances } from "../../ui/views/instances.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { log } from "../../ui/output/log.ts";
import { sanitizeLine } from "../../ui/output/sanitize.ts";
import { formatTable } from "../../ui/output/table.ts";
import {
  listSupervisedProcesses,
  type SupervisedProcess,
} from "../../runtime/sessions/supervisor.ts";
import { withSlowNotice } from "../../ui/progress/slow-notice.ts";
import { observeLifetimes } from "../../runtime/observe/lifetimes.ts";
import { isDone, isRunning } from "../../model/observed.ts";
import { findInstances } from "../../plan/select/choose.ts";
import { readExpected } from "../../project/expected.ts";
import { listInstances } from "../common/context.ts";
import { instancesToJson } from "../common/instances-json.ts";

export const examples: Examples = [
  ["reyns status", "instances and their processes"],
  ["reyns status web", "those of a service"],
  ["reyns status json", "for a script"],
  ["watch -n 2 reyns status", "every two seconds"],
];

export const command = defineCommand({
  meta: {
    name: "status",
    description:
      "Lists the running instances, each with the processes that Supervisor manages in it, and those that have ended by themselves. Instances that were stopped on purpose: reyns ps all.",
  },
  args: {
    service: args.optionalService("Name of the service, or a pattern", "PRESENT"),
    instance: args.instances,
    json: args.json,
  },
  run: async ({ args: { service, instance: name, json } }) => {
    const { place, ...listed } = await listInstances();
    const { engine, instances } = listed;
    const { stopped } = readExpected(place);
    const query = { service: service ?? "all", instance: name, origin: place.origin };
    const shown = findInstances(instances, query).filter(
      (found) => isRunning(found) || (!isDone(found) && !stopped.includes(found.host)),
    );
    const supervised = await withSlowNotice(
      "asking the instances",
      Promise.all(
        shown.map(async (instance) => ({
          instance,
          processes: isRunning(instance)
            ? await listSupervisedProcesses(engine, instance)
            : undefined,
        })),
      ),
    );
    if (json) {
      const listedJson = await instancesToJson(shown, { ...listed, place });
      return printJson(
        listedJson.map((instance, index) => ({
          ...instance,
          processes: supervised[index]?.processes ?? null,
        })),
      );
    }
    if (shown.length === 0)
      return log.info(`nothing is running: ${startCall(place, query.service)}`);
    const lifetimes = await observeLifetimes(
      engine,
      shown.filter((found) => !isRunning(found)),
    );
    print(formatInstances(shown, { lifetimes }));
    for (const { instance, processes } of supervised)
      if (processes !== undefined)
        print(`\n${sanitizeLine(instance.host)}\n${formatProcesses(processes)}`);
  },
});

function formatProcesses(processes: readonly SupervisedProcess[]): string {
  return formatTable(
    [
      { title: "PROCESS" },
      { title: "STATE", colour: (state) => (state === "RUNNING" ? "green" : "yellow") },
      { title: "DETAIL", shrinks: true },
    ],
    processes.map(({ name, state, detail }) => [name, state, detail]),
  );
}
