import { defineCommand } from "citty";
import * as args from "../args/common.ts";
import type { Examples } from "../help/help.ts";
import { instanceToJson, formatInstances } from "../../ui/views/instances.ts";
import { print, printJson } from "../../ui/output/print.ts";
import { log } from "../../ui/output/log.ts";
import { formatTable } from "../../ui/output/table.ts";
import {
  listSupervisedProcesses,
  type SupervisedProcess,
} from "../../runtime/sessions/supervisor.ts";
import { withSlowNotice } from "../../ui/progress/slow-notice.ts";
import { isRunning } from "../../model/observed.ts";
import { listInstances } from "../shared/context.ts";

export const examples: Examples = [
  ["reyns status", "instances and their processes"],
  ["reyns status json", "the same for a script"],
  ["watch -n 2 reyns status", "again and again"],
];

export const command = defineCommand({
  meta: {
    name: "status",
    description:
      "Lists the running instances with the processes that Supervisor looks after in each.",
  },
  args: { json: args.json },
  run: async ({ args: { json } }) => {
    const { engine, instances } = await listInstances();
    const running = instances.filter(isRunning);
    const processes = await withSlowNotice(
      "asking the instances",
      Promise.all(running.map((instance) => listSupervisedProcesses(engine, instance))),
    );
    if (json)
      return printJson(
        running.map((instance, index) => ({
          ...instanceToJson(instance),
          processes: processes[index] ?? null,
        })),
      );
    if (running.length === 0) return log.info("nothing is running: reyns run all");
    print(formatInstances(running));
    for (const [index, instance] of running.entries())
      print(`\n${instance.host}\n${processTable(processes[index])}`);
  },
});

function processTable(processes: readonly SupervisedProcess[] | undefined): string {
  if (processes === undefined) return "no Supervisor runs in it";
  return formatTable(
    [
      { title: "PROCESS" },
      { title: "STATE", colour: (state) => (state === "RUNNING" ? "green" : "yellow") },
      { title: "DETAIL", shrinks: true },
    ],
    processes.map(({ name, state, detail }) => [name, state, detail]),
  );
}
